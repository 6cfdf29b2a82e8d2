import Dialects
import Testing

@Suite struct StreamProgressTests {
    private func progress(_ change: (inout StreamProgress) -> Void) -> StreamProgress {
        var progress = StreamProgress(usageIsAsked: false)
        change(&progress)
        return progress
    }

    @Test("A stream is whole when its end came and each of its choices has ended") func whole() {
        let one = progress { progress in
            progress.notePart(ofChoice: 0, isLast: true)
            progress.noteDone()
        }
        let endless = progress { $0.notePart(ofChoice: 0, isLast: true) }
        let empty = progress { $0.noteDone() }
        #expect(one.isWhole && !endless.isWhole && !empty.isWhole)
        let second = progress { progress in
            progress.notePart(ofChoice: 0, isLast: true)
            progress.notePart(ofChoice: 1, isLast: false)
            progress.noteDone()
        }
        #expect(!second.isWhole)
    }

    @Test("A choice that has ended stays so, whatever comes of it afterwards") func ended() {
        let late = progress { progress in
            progress.notePart(ofChoice: 0, isLast: true)
            progress.notePart(ofChoice: 0, isLast: false)
            progress.noteDone()
        }
        #expect(late.isWhole)
    }

    @Test("A stream that failed is never whole") func failed() {
        let failed = progress { progress in
            progress.notePart(ofChoice: 0, isLast: true)
            progress.noteFailure()
            progress.noteDone()
        }
        #expect(!failed.isWhole)
    }

    @Test("A stream that is whole may be unfit for the cache") func unfit() {
        let unfit = progress { progress in
            progress.notePart(ofChoice: 0, isLast: true)
            progress.noteUnfit()
            progress.noteDone()
        }
        #expect(unfit.isWhole && unfit.isUnfit)
    }
}
