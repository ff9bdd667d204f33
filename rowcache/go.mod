module github.com/storegen/storegen/rowcache

go 1.26.0

replace github.com/storegen/storegen => ../

require (
	github.com/google/go-cmp v0.7.0
	github.com/maypok86/otter/v2 v2.4.0
	github.com/storegen/storegen v0.0.0
)

require (
	github.com/golang/snappy v0.0.4 // indirect
	github.com/google/btree v1.1.3 // indirect
	github.com/syndtr/goleveldb v1.0.1-0.20220721030215-126854af5e6d // indirect
)
