$(library): plugin.cpp
	$(CXX) -std=c++17 -static-libstdc++ -static-libgcc -O2 -Wall -Wextra -o $@ $< $$(pkg-config --cflags --libs gateway-plugin)
