"""The speeds that we promise, measured on the machine at hand: `make bench`."""
