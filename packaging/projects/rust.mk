$(library): $(wildcard src/*.rs) Cargo.toml build.rs
	cargo build --release --offline --locked
	cp target/release/$(subst -,_,$(basename $(library))).so $@
