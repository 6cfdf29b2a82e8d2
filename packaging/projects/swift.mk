$(library): $(wildcard Sources/*/*.swift) Package.swift
	GATEWAY_PLUGIN_KIT=$$(pkg-config --variable=pluginkit gateway-plugin) \
	  swift build --configuration release --product $(patsubst lib%.so,%,$(library))
	cp .build/release/$(library) $@
