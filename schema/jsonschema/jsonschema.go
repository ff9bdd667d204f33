package jsonschema

import (
	"bytes"
	"encoding/json"

	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
)

// SchemaFile returns a JSON Schema (draft 7) of a schema file, for editors to
// complete and to check while one types. It is made of the same definitions that
// the loader goes by. What it cannot know (whether a name is declared, what an
// expression says, the lock) only Load tells.
func SchemaFile() []byte {
	root := jsonObject{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"title":       "A storegen schema file",
		"description": "One table (table:), or named types (types:).",
		"type":        "object",
		"if":          jsonObject{"required": []string{"types"}, "properties": jsonObject{"types": true}},
		"then":        mappingSchema(lang.TypesGrammar, nil),
		"else":        mappingSchema(lang.TableGrammar, nil),
	}
	return root.text()
}

// Config is JSONSchema for storegen.yaml.
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
	// Maps, lists, texts and numbers always encode, and a buffer takes all.
	_ = e.Encode(o)
	return b.Bytes()
}

func mappingSchema(g lang.Grammar, oneOf []string) jsonObject {
	properties := jsonObject{}
	for _, w := range g {
		p := formSchema(w.Holds)
		p["description"] = w.Doc
		if len(w.Examples) > 0 {
			p["examples"] = w.Examples
		}
		properties[w.Name] = p
	}
	o := jsonObject{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
	if needed := g.NeededNames(); len(needed) > 0 {
		o["required"] = needed
	}
	var alternatives []any
	if g[0].Name == "table" {
		// Fields are the table's own, or those of a struct in Go, of which only
		// options are said.
		goRow := jsonObject{"type": "object"}
		alternatives = []any{
			jsonObject{"required": []string{"fields"}, "properties": jsonObject{"fields": formSchema(lang.FieldsForm)}, "not": jsonObject{"required": []string{"row"}, "properties": jsonObject{"row": goRow}}},
			jsonObject{"required": []string{"row"}, "properties": jsonObject{"row": goRow, "fields": formSchema(lang.GoFieldsForm)}},
		}
		// Which of the two it is, the alternatives say; an editor completes both.
		fields := properties["fields"].(jsonObject)
		for key := range formSchema(lang.FieldsForm) {
			delete(fields, key)
		}
		fields["type"] = "object"
	}
	for _, name := range oneOf {
		alternatives = append(alternatives, jsonObject{"required": []string{name}, "properties": jsonObject{name: true}})
	}
	if len(alternatives) > 0 {
		o["oneOf"] = alternatives
	}
	return o
}

// formSchema is what a value of the form must be: one of several shapes, or the only
// one.
func formSchema(f *lang.Form) jsonObject {
	var any []jsonObject
	if f.Text != nil {
		o := jsonObject{"type": "string"}
		if f.Text.String() != "" {
			o["pattern"] = f.Text.String()
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
	if f.Number {
		any = append(any, jsonObject{"type": "integer", "minimum": 1, "maximum": 1<<31 - 1})
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
	if f.Names != nil {
		any = append(any, jsonObject{
			"type": "object", "minProperties": 1, "propertyNames": namePattern(f), "additionalProperties": formSchema(f.Each),
		})
	}
	if len(any) == 1 {
		return any[0]
	}
	return jsonObject{"anyOf": any}
}

// namePattern is what the names of a mapping are.
func namePattern(f *lang.Form) jsonObject {
	o := jsonObject{"pattern": f.Names.String(), "maxLength": naming.MaxLen}
	if f.Taken != "" {
		o["not"] = jsonObject{"pattern": f.Taken}
	}
	return o
}
