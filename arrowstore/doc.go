// Package arrowstore gives the rows of tables as Apache Arrow, and takes them from it: batches
// of columns, for tools that work with such (DataFusion, DuckDB, pandas, Polars).
//
//	r, err := arrowstore.NewReader(ctx, users.Provider(), &provider.ScanRequest{}, nil)
//	if err != nil {
//		return err
//	}
//	defer r.Release()
//	for r.Next() {
//		use(r.RecordBatch())
//	}
//	return r.Err()
//
// Export writes the stream format of Arrow IPC, or its file format (as .arrow and .feather
// files have it), and Import reads both, also data that was made to do harm. What is exported
// and imported again is the same rows, but for what cannot be said in Arrow, which is an error:
// a string that is not UTF-8, and a timestamp outside of the years 1678 to 2261. The zero value
// of a timestamp, and of a json, is null in Arrow. Hidden columns are not there.
//
// # Types
//
// bool, integers and floats have the types of their names (varint int64, uvarint uint64);
// decimal(p,s) is decimal128, string utf8, bytes binary, bytes[n] and uuid fixed_size_binary,
// timestamp timestamp[ns, UTC], duration duration[ns], date date32, time_of_day time64[ns].
// Enums are utf8, by name, or by number where it has no name. json, lists, maps and structs
// are utf8 with JSON, in the form that provider.Column.Kind tells. The metadata "storegen" of
// a field has the type as schemas write it. Import also reads other types where no value is
// lost, as other programs write them: integers of another width, times in another unit, texts
// with longer offsets; but no nested columns and no dictionaries.
//
// The package knows providers alone: no Go types of rows, no engine.
package arrowstore
