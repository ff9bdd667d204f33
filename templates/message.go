package templates

import (
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// This file emits tables whose rows are protobuf messages. The row is a struct that
// holds a pointer to one, so that rows can be copied. All that is generated for other
// tables (entries, checks, expiry) works on the columns of the row: a struct that is
// made of the message, or read from stored bytes without it.

const (
	protoPackage     = "google.golang.org/protobuf/proto"
	timestampPackage = "google.golang.org/protobuf/types/known/timestamppb"
)

// messagePackages are the packages that generated code of a message imports.
func messagePackages(t *schema.Table, add func(path, name string)) {
	if t.Codec == nil {
		return
	}
	add(t.Codec.Type.Path, t.Codec.Type.Package)
	if t.Codec.Marshal == "" {
		add(protoPackage, "proto")
	}
	add(timestampPackage, "timestamppb")
}

// message is the message of a row.
func (t *table) message(row string) string { return row + "." + t.Codec.Type.Name }

// columnsType is the type of the columns of a row.
func (t *table) columnsType() string { return "columnsOf" + t.Row }

// rowVar declares v, whose fields are the columns of the row that a codec is given.
func (t *table) rowVar() string {
	if t.Codec == nil {
		return t.text("v := row.(*$Row)")
	}
	return t.text("columns := read$T(row.(*$Row))\nv := &columns", "$T", t.Row)
}

// messageRow emits the row and its columns.
func (t *table) messageRow(s *source) {
	var fields, read []string
	used := t.usedFields()
	for _, f := range t.Fields {
		fields = append(fields, f.GoName+" "+t.fieldType(f))
		if used[f] || t.Codec.Own {
			read = append(read, t.fromMessage(f))
		}
	}
	what, stored := "a message", "as proto.Marshal writes it"
	if t.Codec.Own {
		what = "a value"
	}
	if m := t.Codec.Marshal; m != "" {
		stored = "as its method " + m + " writes it"
	}
	s.add(doc(paragraph(t.Row+" is a row of "+t.Name+": "+what+", which is stored "+stored+", its key included.",
		"A copy of a row holds the same one; one that was read is nobody else's.", t.Doc)))
	s.add(t.text(`
type $T struct {
	*$message
	part $columns // of a row that was read in part: its key, or what its entries are made of
}

// $columns are the columns of a row.
type $columns struct {
	$fields
}

// read$T returns the columns of a row that keys, entries and rules are made of.
func read$T(row *$T) $columns {
	m := $m
	if m == nil {
		return row.part
	}
	var v $columns
	$read
	return v
}

`, "$T", t.Row, "$message", ownType(&t.Codec.Type), "$columns", t.columnsType(), "$fields", lines(fields...), "$m", t.message("row"), "$read", lines(read...)))
}

// fromMessage sets a column from the message.
func (t *table) fromMessage(f *schema.Field) string {
	m, v := t.given(f), "v."+f.GoName
	switch {
	case f.From.Wire == schema.WireTime:
		return ifThen(m+" != nil", v+" = new("+m+".AsTime())")
	case f.Type.Name != "" && f.From.Pointer:
		return v + " = (*" + t.goType(f.Type) + ")(" + m + ")"
	case f.Type.Name != "":
		return v + " = " + call(t.goType(f.Type), m)
	}
	return v + " = " + m
}

// given is what gives the value of a field, of a message or value m.
func (t *table) given(f *schema.Field) string {
	switch name := f.From.GoName; f.From.Call {
	case schema.CallMethod:
		return "m." + name + "()"
	case schema.CallFunc:
		return call(qualified(t.Codec.Type.Path, name), "*m")
	case schema.CallFuncPointer:
		return call(qualified(t.Codec.Type.Path, name), "m")
	default: // a field
		return "m." + name
	}
}

// toMessage is a value of a field's column as the message has it.
func (t *table) toMessage(f *schema.Field, x string) string {
	switch {
	case f.Type.Name == "":
		return x
	case heldInString(f.Type):
		return "[]byte(" + x + ")"
	}
	return call(t.plainType(f.Type), x)
}

// messageKey emits the key of a row, and how it is set.
func (t *table) messageKey(s *source) {
	var set, setPart []string
	k := func(i int) string {
		if len(t.Key.PartNames) == 0 {
			return "k"
		}
		return "k." + t.Key.PartNames[i]
	}
	var ofMessage, ofPart []string
	for i, f := range t.Key.Fields {
		if !t.Codec.Own {
			set = append(set, "m."+f.From.GoName+" = "+t.toMessage(f, k(i)))
		}
		setPart = append(setPart, "v.part."+f.GoName+" = "+k(i))
		x := t.given(f)
		if f.Type.Name != "" {
			x = call(t.goType(f.Type), x)
		}
		name := ""
		if len(t.Key.PartNames) > 0 {
			name = t.Key.PartNames[i] + ": "
		}
		ofMessage, ofPart = append(ofMessage, name+x), append(ofPart, name+"v.part."+f.GoName)
	}
	of := func(parts []string) string {
		if len(t.Key.PartNames) == 0 {
			return parts[0]
		}
		return t.key() + braces(parts, false)
	}
	setDoc := "// SetKey sets the fields of a row that are its key."
	setting := ifThen("m := "+t.message("v")+"; m != nil", set...)
	if t.Codec.Own {
		setDoc, setting = "// SetKey sets the key of a row that has no value yet.", ""
	}
	s.add(t.text(`
// KeyOf returns the key of a row.
func KeyOf(v *$Row) $Key {
	if m := $m; m != nil {
		return $ofMessage
	}
	return $ofPart
}

$doc
func SetKey(v *$Row, k $Key) {
	$setPart
	$set
}

`, "$doc", setDoc, "$ofMessage", of(ofMessage), "$ofPart", of(ofPart), "$setPart", lines(setPart...), "$set", setting, "$m", t.message("v")))
}

// messageCodec emits the methods of the codec that turn rows into bytes and back.
func (t *table) messageCodec(s *source) {
	message := ownType(&t.Codec.Type)
	marshal := lines("dst, _ = "+qualified(protoPackage, "MarshalOptions")+"{Deterministic: true}.MarshalAppend(dst, "+t.message("row.(*$Row)")+")", "return dst")
	unmarshal, check := call(qualified(protoPackage, "Unmarshal"), "b", "m"), call(qualified(protoPackage, "Marshal"), t.message("row"))
	if t.Codec.Marshal != "" {
		marshal = lines("b, _ := "+t.message("row.(*$Row)")+"."+t.Codec.Marshal+"()", "return append(dst, b...)")
		unmarshal, check = "m."+t.Codec.Unmarshal+"(b)", t.message("row")+"."+t.Codec.Marshal+"()"
	}
	partly, columns, what := "", "columns := read"+t.Row+"(row.(*"+t.row()+"))\nv := &columns", "value"
	if t.Codec.Own {
		unmarshal = "m." + t.Codec.Unmarshal + "(bytes.Clone(b))"
	} else {
		what = "message"
		partly = ifThen("of != record.AllFields && readPartOf"+t.Row+"(&v.part, b, of) == nil", "return nil, nil")
		columns = "v := &row.(*" + t.row() + ").part"
		t.partReader(s)
	}
	s.add(t.text(`
// AppendValue appends the $what. What it cannot be written for, Check has refused.
func (*codec) AppendValue(dst []byte, row any) []byte {
	$marshal
}

// DecodeValue reads the whole $what.
func (c *codec) DecodeValue(b []byte, row any, of record.Fields, _ *record.Lists) (unknown []byte, err error) {
	v := row.(*$Row)
	$partly
	m := new($message)
	if err := $unmarshal; err != nil {
		return nil, err
	}
	var mem [128]byte
	stored := c.AppendRowKey(mem[:0], v)
	$m = m
	return nil, record.SameKey(stored, c.AppendRowKey(stored, v)[len(stored):])
}

// AppendColumns appends the columns that are not in the key, of a row that DecodeValue has read.
func (*codec) AppendColumns(dst []byte, row any) []byte {
	$columns
	$append
	return dst
}

func (*codec) Default(row any, now func() time.Time) $default

`, "$marshal", strings.ReplaceAll(marshal, "$Row", t.row()), "$message", message, "$unmarshal", unmarshal, "$m", t.message("v"), "$what", what,
		"$partly", partly, "$columns", columns, "$append", t.appendFields("v", t.Fields), "$default", t.messageDefaults()))
	rules := lines(t.checks("v", t.Fields), t.rules("v", t.Checks))
	if rules != "" {
		rules = lines("columns := read"+t.Row+"(row)", "v := &columns", rules)
	}
	s.add(t.text(`
// Check also finds what the $what cannot be written for.
func (*codec) Check(of any) error {
	row := of.(*$Row)
	if $m == nil {
		return record.Invalid("", "the row has no $what")
	}
	var broken record.Broken
	if _, err := $check; err != nil {
		broken.Add(record.Invalid("", "the $what cannot be written: "+err.Error()))
	}
	$rules
	return broken.Err()
}

`, "$what", what, "$m", t.message("row"), "$check", check, "$rules", rules))
}

// partReader emits what reads some columns from the bytes of a message.
func (t *table) partReader(s *source) {
	var cases []string
	for _, f := range t.Fields {
		cases = append(cases, "case "+strconv.Itoa(f.Number)+":", t.readWire(f))
	}
	s.add(t.text(`
// $read reads some columns from the bytes of a message.
func $read(v *$columns, b []byte, of record.Fields) error {
	r := record.NewReader(b)
	for r.NextOf(of) {
		switch r.Num() {
		$cases
		}
	}
	return r.Err()
}

`, "$read", "readPartOf"+t.Row, "$columns", t.columnsType(), "$cases", lines(cases...)))
}

// readWire reads a field of the message into its column.
func (t *table) readWire(f *schema.Field) string {
	x, elem := "v."+f.GoName, f.Type.ElemOrSelf()
	if f.Type.Kind == kind.List {
		switch {
		case f.From.Wire == schema.WireBytes || elem.Kind == kind.Bool:
			return t.readField(x, f)
		case elem.Kind == kind.Int32 || elem.Kind == kind.Int64:
			return x + " = " + call("record.Varints", "&r", x)
		}
		return x + " = " + call("record.Uints", "&r", x)
	}
	read := ""
	switch {
	case f.From.Wire == schema.WireTime:
		return x + " = new(r.Time())"
	case f.From.Wire == schema.WireVarint && elem.Kind != kind.Bool:
		read = "r.Uint64()"
	case f.From.Wire == schema.WireFixed64 && elem.Kind.Integer():
		read = "math.Float64bits(r.Float64())"
	case f.From.Wire == schema.WireFixed32 && elem.Kind.Integer():
		read = "math.Float32bits(r.Float32())"
	default:
		return t.readField(x, f)
	}
	if typ := t.goType(f.Type); typ != map[bool]string{true: "uint32", false: "uint64"}[f.From.Wire == schema.WireFixed32] {
		read = call(typ, read)
	}
	if f.Optional {
		read = call("new", read)
	}
	return x + " = " + read
}

// messageDefaults emits the defaults of fields of the message.
func (t *table) messageDefaults() string {
	var out []string
	for _, f := range t.Fields {
		if f.Default == nil || isZero(f) {
			continue
		}
		m := "m." + f.From.GoName
		unset, val := m+" == nil", t.literalOf(f)
		switch {
		case f.From.Wire == schema.WireTime:
			val = call(qualified(timestampPackage, "New"), "now()")
		case f.From.Pointer:
			plain := t.plainType(f.Type)
			if f.Type.Go != nil {
				plain = t.goType(f.Type)
			}
			val = call("new", call(plain, val))
		default:
			unset = t.gen(f.Type, rowOf(f.Type).Gen.Unset, m)
		}
		out = append(out, ifThen(unset, m+" = "+val))
	}
	if len(out) == 0 {
		return "{}"
	}
	return block("m := "+t.message("row.(*"+t.row()+")"), ifThen("m == nil", "return"), lines(out...))
}

func (t *table) literalOf(f *schema.Field) string {
	if f.Default.Now || f.Default.New {
		return ""
	}
	return t.literal(f.Default, f.Type)
}

// usedFields are those that the key, entries, rules or the expiry of a row are made of.
func (t *table) usedFields() map[*schema.Field]bool {
	used := map[*schema.Field]bool{}
	add := func(fields ...*schema.Field) {
		for _, f := range fields {
			if f != nil {
				used[f] = true
			}
		}
	}
	add(t.Key.Fields...)
	for _, ix := range t.Indexes {
		for _, c := range ix.Columns {
			add(c.Field)
		}
		add(ix.Include...)
		eachField(ix.Where, add)
	}
	if t.TTL != nil {
		add(t.TTL.From, t.TTL.KeepField)
	}
	for _, c := range t.Checks {
		eachField(c.Expr, add)
	}
	for _, f := range t.Fields {
		if t.checks("v", []*schema.Field{f}) != "" {
			add(f)
		}
	}
	return used
}

// eachField calls add with the fields of a condition.
func eachField(e schema.Expr, add func(...*schema.Field)) {
	switch e := e.(type) {
	case nil:
	case schema.And:
		eachField(e.L, add)
		eachField(e.R, add)
	case schema.Or:
		eachField(e.L, add)
		eachField(e.R, add)
	case schema.Not:
		eachField(e.X, add)
	case schema.Has:
		add(e.Field)
	case schema.BoolField:
		add(e.Field)
	case schema.Compare:
		add(e.Left.Field, e.Right.Field)
	default:
		panic("templates: unknown expression")
	}
}

// guardMessage emits what compiles for as long as the fields of a message have their Go
// types.
func (t *table) guardMessage() string {
	if t.Codec.Own {
		return "" // what gives the columns is called
	}
	var typed []string
	for _, f := range t.Fields {
		typ := t.plainType(f.Type)
		switch {
		case f.From.Wire == schema.WireTime:
			typ = "*" + qualified(timestampPackage, "Timestamp")
		case f.Type.Go != nil:
			typ = t.goType(f.Type)
		case heldInString(f.Type):
			typ = "[]byte"
		}
		if f.From.Pointer && f.From.Wire != schema.WireTime {
			typ = "*" + typ
		}
		typed = append(typed, "var _ *"+typ+" = &v."+f.From.GoName)
	}
	return fill(`
// The fields of the message, as they were when this was generated. If this does not compile, one
// of them has changed since: run go generate. It does not tell if one has another number.
var _ = func(v *$T) {
	$typed
}

`, "$T", ownType(&t.Codec.Type), "$typed", lines(typed...))
}
