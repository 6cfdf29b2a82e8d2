"""Uses the page of a running gateway as an operator does, in a headless Chromium, and checks what it shows and does.

usage: python3 Tests/Dashboard URL MASTER-KEY ENTRY-KEY MODEL

The gateway has answered five requests for MODEL, three of them from its cache, was told to reload a wrong configuration
once and a right one once, and has an entry with ENTRY-KEY, which is deleted. MODEL has a name that is markup.
"""

import json
import sys
import time

from browser import Browser, Failed


def check(condition, what) -> None:
    if not condition:
        raise Failed(str(what))


def focused(browser: Browser) -> str:
    return browser.run("document.activeElement.id || document.activeElement.className.baseVal || "
                       "document.activeElement.className || document.activeElement.tagName")


def tab_to(browser: Browser, wanted: str, most: int = 40) -> None:
    """Goes on with the Tab key until an element has the focus."""
    for _ in range(most):
        if focused(browser) == wanted:
            return
        browser.press("Tab")
    raise Failed(f"{wanted} is not reached with the Tab key")


def let_in(browser: Browser, url: str, key: str) -> None:
    browser.open(f"{url}/ui")
    browser.until("document.activeElement.id === 'key'", "the form asks for the key")
    check(browser.run("document.getElementById('board').hidden"), "figures are shown without a key")
    check(not any(path.endswith("/ui/data") for path in browser.requests()), "figures are asked for without a key")
    check(browser.complaints() == [], browser.complaints())
    browser.press("Tab", shift=True)
    check(focused(browser) == "skip", "there is no link past the header")
    browser.press("Tab")
    check(focused(browser) == "key", focused(browser))
    browser.type("sk-wrong")
    browser.press("Enter")
    browser.until("document.getElementById('key-error').textContent.includes('not the master key')", "it is refused")
    browser.events = [event for event in browser.events if event["method"] != "Log.entryAdded"]
    browser.until("document.activeElement.id === 'key'", "the key can be corrected")
    browser.type(key)
    browser.press("Enter")
    browser.until("!document.getElementById('board').hidden", "the figures are shown")


def keeps_no_key(browser: Browser, key: str) -> None:
    stored = browser.run("""(async () => JSON.stringify([
        localStorage.length, sessionStorage.length, document.cookie, location.href, history.length,
        (await indexedDB.databases()).length, (await caches.keys()).length, window.name,
        document.documentElement.outerHTML, [...document.querySelectorAll('input')].map((input) => input.value),
        Object.keys(window).filter((name) => typeof window[name] === 'string').map((name) => window[name]),
    ]))()""")
    check(json.loads(stored)[:3] == [0, 0, ""], "something is stored")
    check(json.loads(stored)[5:8] == [0, 0, ""], "something is stored")
    check(key not in stored, "the key is in the page")
    check(not any(key in path for path in browser.requests()), "the key is in a URL")


def shows_figures(browser: Browser, model: str) -> None:
    browser.until("document.querySelector('.readout').textContent.startsWith('Last: ')", "there is a sample", within=25)
    tiles = browser.text("#tiles")
    for part in ("60 %", "3 of 5 requests", "no errors in the hour", "Cache backend", "up"):
        check(part in tiles, f"{part} is not in {tiles}")
    models = browser.text("#models")
    check(model in models and "5" in models and "60 %" in models, models)
    check(browser.run("document.querySelector('#board img, #board script') === null"), "text became markup")
    check("absent" in browser.text("#reasons") and "2" in browser.text("#reasons"), browser.text("#reasons"))
    events = browser.text("#events")
    check(events.index("reloaded: 1 value changed (generation 2)") < events.index("not reloaded, with 1 error"), events)
    check("serves 1 model, 1 deployment" in events, events)
    check("hit_ratio_x" not in events and "sk-" not in events, "an event tells what is private")
    check(browser.run("document.querySelectorAll('.plot path.line').length") >= 13, "a plot is not drawn")
    for label in browser.run("[...document.querySelectorAll('.plot')].map((plot) => plot.getAttribute('aria-label'))"):
        check("over the last hour. Last: " in label, label)


def is_accessible(browser: Browser) -> None:
    for what, condition in (
        ("an input has no label", "all('input').every((input) => input.labels.length === 1)"),
        ("landmarks are missing", "all('html[lang=en] body, main, header, header h1').length === 4"),
        ("a section has no name", "all('section:not([aria-label], [aria-labelledby])').length === 0"),
    ):
        check(browser.run(f"((all) => {condition})((names) => [...document.querySelectorAll(names)])"), what)
    check(focused(browser) == "main", f"not the figures have the focus but {focused(browser)}")
    browser.press("Tab", shift=True)
    check(focused(browser) == "lock", focused(browser))
    tab_to(browser, "plot")
    browser.press("ArrowLeft")
    check(browser.run("/^\\d\\d:\\d\\d:\\d\\d: from the cache/.test(document.querySelector('.readout').textContent)"),
          browser.text(".readout"))
    check(browser.run("document.querySelector('.readout').getAttribute('aria-live')") == "polite", "it is not spoken")
    browser.press("Escape")
    check(browser.text(".readout").startswith("Last:"), browser.text(".readout"))


def deletes_entry(browser: Browser, entry: str) -> None:
    tab_to(browser, "entry-key")
    browser.type(entry)
    browser.press("Enter")
    browser.until("document.getElementById('entry').textContent.includes('State')", "the entry is shown")
    shown = browser.text("#entry")
    for part in ("fresh", "an answer in one piece", "application/json", "200", "Sealed"):
        check(part in shown, f"{part} is not in {shown}")
    check("content of the answer" not in browser.run("document.body.innerText"), "the content is shown")
    tab_to(browser, "entry-delete")
    browser.press("Enter")
    browser.until("document.getElementById('confirm').open && document.activeElement.id === 'confirm-no'", "it asks")
    browser.press("Escape")
    browser.until("!document.getElementById('confirm').open", "Escape keeps the entry")
    check("fresh" in browser.text("#entry"), "the entry is gone without a confirmation")
    tab_to(browser, "entry-delete")
    browser.press("Enter")
    browser.until("document.getElementById('confirm').open", "it asks again")
    tab_to(browser, "confirm-yes")
    browser.press("Enter")
    browser.until("document.getElementById('entry').textContent === 'The entry is deleted.'", "it is deleted")


def luminance(colour: list[float]) -> float:
    parts = [value / 255 for value in colour[:3]]
    parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


#: The colours of visible texts and of what is behind each.
COLOURS = """(() => {
    const colour = (element) => getComputedStyle(element).backgroundColor;
    const texts = [
        '.card p, .card h2, .tile dt, .tile dd, td, th, .facts dt, .facts dd, .events time',
        '.events .kind, .legend li, button',
    ];
    return [...document.querySelectorAll(texts)].filter((element) => element.checkVisibility()).map((element) => {
        let behind = element;
        while (behind !== document.body && colour(behind) === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
        return [getComputedStyle(element).color, colour(behind), `${element.className} ${element.tagName}`];
    });
})()"""


def fits_and_can_be_read(browser: Browser) -> None:
    backgrounds = set()
    for scheme in ("light", "dark"):
        browser.prefer(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        for width in (320, 390, 768, 1280):
            browser.resize(width, 900)
            time.sleep(0.1)
            wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
            check(not wide, f"{width}px scrolls sideways")
        for front, behind, what in browser.run(COLOURS):
            values = [colour[colour.index("(") + 1:-1].split(",") for colour in (front, behind)]
            bright, dark = sorted((luminance([float(part) for part in value]) for value in values), reverse=True)
            contrast = (bright + 0.05) / (dark + 0.05)
            check(contrast >= 4.5, f"{scheme}: {what} has a contrast of {contrast:.2f}: {front} on {behind}")
        backgrounds.add(browser.run("getComputedStyle(document.body).backgroundColor"))
        moves = browser.run("getComputedStyle(document.querySelector('button')).transitionDuration") != "0s"
        check(not moves, "something moves although reduced motion is preferred")
    check(len(backgrounds) == 2, "light and dark are the same")
    browser.resize(1280, 900)


def policy_holds(browser: Browser, url: str) -> None:
    """What the page itself never tries."""
    elsewhere = url.replace("127.0.0.1", "localhost")
    attempts = {
        "markup becomes elements": "document.body.innerHTML = '<b>x</b>'",
        "a script runs": "(() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1'; "
                         "document.body.append(one); if (!window.ran) throw 0; })()",
        "text is run": "(0, eval)('1')",
        "another origin is asked": f"fetch('{elsewhere}/health/liveliness', {{mode: 'no-cors'}})",
    }
    for what, attempt in attempts.items():
        done = browser.run(f"(async () => {{ try {{ await ({attempt}); return true; }} catch {{ return false; }} }})()")
        check(done is False, what)
    loaded = browser.run(f"""new Promise((done) => {{
        const picture = new Image();
        picture.onload = () => done(true);
        picture.onerror = () => done(false);
        picture.src = '{url}/favicon.ico';
    }})""")
    check(loaded is False, "a picture is loaded")


def main() -> None:
    url, key, entry, model = sys.argv[1:]
    with Browser() as browser:
        let_in(browser, url, key)
        keeps_no_key(browser, key)
        shows_figures(browser, model)
        is_accessible(browser)
        deletes_entry(browser, entry)
        fits_and_can_be_read(browser)
        keeps_no_key(browser, key)
        check(browser.complaints() == [], browser.complaints())
        outside = [path for path in browser.requests() if not path.startswith((url + "/", "data:"))]
        check(outside == [], f"it asks elsewhere: {outside}")
        policy_holds(browser, url)
        browser.run("document.getElementById('lock').click()")
        locked = browser.run("document.getElementById('board').hidden && document.activeElement.id === 'key'")
        check(locked, "it is not locked")
        browser.open(f"{url}/ui")
        browser.until("document.activeElement.id === 'key'", "the key is forgotten with the page")
    print("the page does what it should")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"the page: {failure}")
