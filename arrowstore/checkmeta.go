package arrowstore

import (
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Where the messages of Arrow, which are flat buffers, have what checkMeta looks at: the
// places in their tables, as Arrow's Message.fbs and Schema.fbs number them.
const (
	messageKind   = 6
	messageHeader = 8
	messageCustom = 12

	schemaFields   = 6
	schemaCustom   = 8
	schemaFeatures = 10

	fieldDictionary = 12
	fieldChildren   = 14
	fieldCustom     = 16

	kindSchema      = 1
	kindRecordBatch = 3
)

// checkMeta looks at the parts of a message that package ipc makes room for by the numbers that
// they name, and refuses what columns of tables never are: nested, or with a dictionary.
func checkMeta(b []byte) error {
	msg := flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}
	if _, err := vector(&msg, messageCustom); err != nil {
		return err
	}
	var header flatbuffers.Table
	if o := msg.Offset(messageHeader); o != 0 {
		msg.Union(&header, flatbuffers.UOffsetT(o))
	}
	switch kind := msg.GetByteSlot(messageKind, 0); kind {
	case kindSchema:
		return checkSchema(&header)
	case kindRecordBatch:
		return nil // what it names is looked up in what it has
	default:
		return fmt.Errorf("a message is of the kind %d: columns with dictionaries, and tensors, cannot be read; write plain columns", kind)
	}
}

func checkSchema(schema *flatbuffers.Table) error {
	for _, slot := range []flatbuffers.VOffsetT{schemaCustom, schemaFeatures} {
		if _, err := vector(schema, slot); err != nil {
			return err
		}
	}
	n, err := vector(schema, schemaFields)
	if err != nil || n == 0 {
		return err
	}
	at := schema.Vector(flatbuffers.UOffsetT(schema.Offset(schemaFields)))
	for i := range n {
		f := flatbuffers.Table{Bytes: schema.Bytes, Pos: schema.Indirect(at + flatbuffers.UOffsetT(4*i))}
		if _, err := vector(&f, fieldCustom); err != nil {
			return err
		}
		children, err := vector(&f, fieldChildren)
		if err != nil {
			return err
		}
		if children > 0 || f.Offset(fieldDictionary) != 0 {
			return fmt.Errorf("the column %d is nested or has a dictionary: write a plain column, lists and structs as JSON", i+1)
		}
	}
	return nil
}

// vector is the length of a vector, each of whose elements takes at least four bytes.
func vector(t *flatbuffers.Table, slot flatbuffers.VOffsetT) (int, error) {
	o := t.Offset(slot)
	if o == 0 {
		return 0, nil
	}
	n := t.VectorLen(flatbuffers.UOffsetT(o))
	if n > len(t.Bytes)/4 {
		return 0, fmt.Errorf("a message of %d bytes names %d things", len(t.Bytes), n)
	}
	return n, nil
}
