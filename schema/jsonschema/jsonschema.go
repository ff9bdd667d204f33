package jsonschema

import (
	"bytes"
	"encoding/json"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
)

// SchemaFile returns a JSON Schema (draft 7) of schema files. It is made from the
// definitions that the loader uses. It cannot tell whether a name is declared, or a
// condition valid: only loading the schemas does.
func SchemaFile() []byte {
	root := jsonObject{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"title":       "A storegen schema file",
		"description": "One table (table:), or named types (types:).",
		"type":        "object",
		"if":          jsonObject{"required": []string{lang.WordTypes}, "properties": jsonObject{lang.WordTypes: true}},
		"then":        mappingSchema(lang.TypesGrammar, nil),
		"else":        mappingSchema(lang.TableGrammar, nil),
	}
	return root.text()
}

// Config returns a JSON Schema of storegen.yaml.
func Config() []byte {
	root := mappingSchema(lang.ConfigGrammar, nil)
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "A storegen configuration"
	root["description"] = "Where schemas are, and where the packages that are made of them go."
	return root.text()
}

type jsonObject map[string]any

func (o jsonObject) text() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	// Encoding maps, lists, texts and numbers into a buffer cannot fail.
	_ = e.Encode(o)
	return b.Bytes()
}

func mappingSchema(g *lang.Grammar, oneOf []string) jsonObject {
	properties := jsonObject{}
	for _, w := range g.Words {
		p := formSchema(w.Holds)
		p["description"] = w.Doc
		if len(w.Examples) > 0 {
			p["examples"] = w.Examples
		}
		properties[w.Name] = p
	}
	o := jsonObject{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
	if needed := g.Needed(); len(needed) > 0 {
		o["required"] = needed
	}
	var alternatives []any
	if g == lang.TableGrammar {
		alternatives = tables()
		// The alternatives say which fields it has; an editor can complete all.
		properties[lang.WordFields] = jsonObject{"type": "object", "description": g.Word(lang.WordFields).Doc, "examples": g.Word(lang.WordFields).Examples}
	}
	for _, name := range oneOf {
		alternatives = append(alternatives, jsonObject{"required": []string{name}, "properties": jsonObject{name: true}})
	}
	if len(alternatives) > 0 {
		o["oneOf"] = alternatives
	}
	if w := g.Word(lang.WordType); w != nil && w.Needed && g.Word(lang.WordDefault) != nil {
		o["allOf"] = byType()
	}
	return o
}

// tables are the kinds of tables: fields are declared here, or belong to a struct or
// message in Go and only have options here.
func tables() []any {
	fields := func(g *lang.Grammar) jsonObject { return formSchema(g.Word(lang.WordFields).Holds) }
	inGo := func(g *lang.Grammar, row jsonObject) jsonObject {
		needed := []string{lang.WordRow}
		if g.Word(lang.WordFields).Needed {
			needed = append(needed, lang.WordFields)
		}
		return jsonObject{"required": needed, "properties": jsonObject{lang.WordRow: row, lang.WordFields: fields(g)}}
	}
	return []any{
		jsonObject{
			"required": []string{lang.WordFields}, "properties": jsonObject{lang.WordFields: fields(lang.DeclaredTable)},
			"not": jsonObject{"required": []string{lang.WordRow}, "properties": jsonObject{lang.WordRow: jsonObject{"type": "object"}}},
		},
		inGo(lang.GoTable, rowOf(lang.WordGo)),
		inGo(lang.OwnTable, rowOf(lang.WordGo, lang.WordCodec)),
		inGo(lang.MessageTable, rowOf(lang.WordProto)),
	}
}

// byType says what the type of a field, as it is written, means for the words beside it.
func byType() []any {
	var out []any
	rule := func(pattern string, then jsonObject) {
		out = append(out, jsonObject{
			"if":   jsonObject{"required": []string{lang.WordType}, "properties": jsonObject{lang.WordType: jsonObject{"type": "string", "pattern": pattern}}},
			"then": jsonObject{"properties": then},
		})
	}
	for _, s := range kind.Scalars() {
		f := lang.DefaultForm(s)
		if f == nil {
			continue
		}
		then := jsonObject{lang.WordDefault: formSchema(f)}
		if !s.Text {
			then[lang.WordMin], then[lang.WordMax] = false, false
		}
		rule(`^(`+s.Pattern()+`)\s*\?? *$`, then)
	}
	rule(`^(\[\]|map\[)`, jsonObject{lang.WordDefault: false, lang.WordMin: false, lang.WordMax: false})
	return out
}

// Form returns the JSON Schema of one form that a value of the language has.
func Form(f *lang.Form) []byte { return formSchema(f).text() }

// formSchema returns the JSON Schema of a form.
func formSchema(f *lang.Form) jsonObject {
	var any []jsonObject
	if f.Text != "" {
		o := jsonObject{"type": "string"}
		if f.Text != lang.AnyText {
			o["pattern"] = f.Text
		}
		if f.Longest > 0 {
			o["maxLength"] = f.Longest
		}
		if f.Taken != "" {
			o["not"] = jsonObject{"pattern": f.Taken}
		}
		any = append(any, o)
		if f.Loose {
			any = append(any, jsonObject{"type": "number"}, jsonObject{"type": "boolean"})
		}
	}
	if f.Null {
		any = append(any, jsonObject{"type": "null"})
	}
	if f.Values != nil {
		any = append(any, jsonObject{"enum": f.Values})
	}
	if f.Flag {
		any = append(any, jsonObject{"type": "boolean"})
	}
	if f.Number != nil {
		any = append(any, numberSchema(f.Number))
	}
	if f.List != nil {
		o := jsonObject{"type": "array", "items": formSchema(f.List)}
		if f.Least > 0 {
			o["minItems"] = f.Least
		}
		any = append(any, o)
	}
	if f.Words != nil {
		any = append(any, mappingSchema(f.Words, f.OneOf))
	}
	if f.Names != "" {
		any = append(any, jsonObject{
			"type": "object", "minProperties": 1, "propertyNames": namePattern(f), "additionalProperties": formSchema(f.Each),
		})
	}
	if len(any) == 1 {
		return any[0]
	}
	return jsonObject{"anyOf": any}
}

func numberSchema(r *lang.Range) jsonObject {
	o := jsonObject{"type": "number"}
	if r.Whole {
		o["type"] = "integer"
	}
	if r.Least != "" {
		o["minimum"] = json.Number(r.Least)
	}
	if r.Most != "" {
		o["maximum"] = json.Number(r.Most)
	}
	return o
}

// namePattern returns the JSON Schema of the keys of a mapping of names.
func namePattern(f *lang.Form) jsonObject {
	o := jsonObject{"pattern": f.Names, "maxLength": naming.MaxLen}
	if f.Taken != "" {
		o["not"] = jsonObject{"pattern": f.Taken}
	}
	return o
}

// rowOf is a row with these words, and without codec unless that is one of them. Strict
// mode wants each word that is needed among the properties.
func rowOf(words ...string) jsonObject {
	properties := jsonObject{lang.WordCodec: false}
	for _, w := range words {
		properties[w] = true
	}
	return jsonObject{"type": "object", "required": words, "properties": properties}
}
