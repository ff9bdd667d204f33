package schema

import (
	"bytes"
	"encoding/json"
)

// JSONSchema returns a JSON Schema (draft 7) of a schema file, for editors to
// complete and to check while one types. It is made of the same definitions that
// the loader goes by. What it cannot know (whether a name is declared, what an
// expression says, the lock) only Load tells.
func JSONSchema() []byte {
	root := jsonObject{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"title":       "A storegen schema file",
		"description": "One table (table:), or named types (types:).",
		"type":        "object",
		"if":          jsonObject{"required": []string{"types"}, "properties": jsonObject{"types": true}},
		"then":        mappingSchema(typesGrammar, nil),
		"else":        mappingSchema(tableGrammar, nil),
	}
	return root.text()
}

// ConfigJSONSchema is JSONSchema for storegen.yaml.
func ConfigJSONSchema() []byte {
	root := mappingSchema(configGrammar, nil)
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

func mappingSchema(g grammar, oneOf []string) jsonObject {
	properties := jsonObject{}
	for _, w := range g {
		p := formSchema(w.holds)
		p["description"] = w.doc
		if len(w.examples) > 0 {
			p["examples"] = w.examples
		}
		properties[w.name] = p
	}
	o := jsonObject{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
	if needed := g.neededNames(); len(needed) > 0 {
		o["required"] = needed
	}
	var alternatives []any
	if g[0].name == "table" {
		// Fields are the table's own, or those of a struct in Go, of which only
		// options are said.
		goRow := jsonObject{"type": "object"}
		alternatives = []any{
			jsonObject{"required": []string{"fields"}, "properties": jsonObject{"fields": formSchema(fieldsForm)}, "not": jsonObject{"required": []string{"row"}, "properties": jsonObject{"row": goRow}}},
			jsonObject{"required": []string{"row"}, "properties": jsonObject{"row": goRow, "fields": formSchema(goFieldsForm)}},
		}
		// Which of the two it is, the alternatives say; an editor completes both.
		fields := properties["fields"].(jsonObject)
		for key := range formSchema(fieldsForm) {
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
func formSchema(f *form) jsonObject {
	var any []jsonObject
	if f.text != nil {
		o := jsonObject{"type": "string"}
		if f.text.String() != "" {
			o["pattern"] = f.text.String()
		}
		if f.longest > 0 {
			o["maxLength"] = f.longest
		}
		if f.taken != "" {
			o["not"] = jsonObject{"pattern": f.taken}
		}
		any = append(any, o)
		if f.loose {
			any = append(any, jsonObject{"type": "number"}, jsonObject{"type": "boolean"})
		}
	}
	if f.null {
		any = append(any, jsonObject{"type": "null"})
	}
	if f.values != nil {
		any = append(any, jsonObject{"enum": f.values})
	}
	if f.flag {
		any = append(any, jsonObject{"type": "boolean"})
	}
	if f.number {
		any = append(any, jsonObject{"type": "integer", "minimum": 1, "maximum": 1<<31 - 1})
	}
	if f.list != nil {
		o := jsonObject{"type": "array", "items": formSchema(f.list)}
		if f.least > 0 {
			o["minItems"] = f.least
		}
		any = append(any, o)
	}
	if f.words != nil {
		any = append(any, mappingSchema(f.words, f.oneOf))
	}
	if f.names != nil {
		any = append(any, jsonObject{
			"type": "object", "minProperties": 1, "propertyNames": namePattern(f), "additionalProperties": formSchema(f.each),
		})
	}
	if len(any) == 1 {
		return any[0]
	}
	return jsonObject{"anyOf": any}
}

// namePattern is what the names of a mapping are.
func namePattern(f *form) jsonObject {
	o := jsonObject{"pattern": f.names.String(), "maxLength": maxName}
	if f.taken != "" {
		o["not"] = jsonObject{"pattern": f.taken}
	}
	return o
}
