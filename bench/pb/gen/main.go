// Gen makes Go of a .proto file with protoc-gen-go and vtprotobuf, without protoc.
//
//	go run ./gen users.proto
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	_ "github.com/planetscale/vtprotobuf/features/marshal"
	_ "github.com/planetscale/vtprotobuf/features/size"
	_ "github.com/planetscale/vtprotobuf/features/unmarshal"
	"github.com/planetscale/vtprotobuf/generator"
	gengo "google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen file.proto")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(name string) error {
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{}), SourceInfoMode: protocompile.SourceInfoStandard}
	files, err := c.Compile(context.Background(), name)
	if err != nil {
		return err
	}
	req := &pluginpb.CodeGeneratorRequest{FileToGenerate: []string{name}, ProtoFile: withImports(nil, files[0], map[string]bool{})}
	opts := protogen.Options{}
	plain, err := opts.New(req)
	if err != nil {
		return err
	}
	gengo.GenerateFile(plain, plain.FilesByPath[name])
	fast, err := opts.New(req)
	if err != nil {
		return err
	}
	vt, err := generator.NewGenerator(fast, []string{"marshal", "size", "unmarshal", "unmarshal_unsafe"}, &generator.Config{Poolable: generator.NewObjectSet(), PoolableExclude: generator.NewObjectSet()})
	if err != nil {
		return err
	}
	vt.Generate()
	return errors.Join(write(plain.Response()), write(fast.Response()))
}

// withImports adds a file behind all that it imports.
func withImports(to []*descriptorpb.FileDescriptorProto, f protoreflect.FileDescriptor, seen map[string]bool) []*descriptorpb.FileDescriptorProto {
	if seen[f.Path()] {
		return to
	}
	seen[f.Path()] = true
	imports := f.Imports()
	for i := range imports.Len() {
		to = withImports(to, imports.Get(i).FileDescriptor, seen)
	}
	return append(to, protodesc.ToFileDescriptorProto(f))
}

func write(r *pluginpb.CodeGeneratorResponse) error {
	if r.Error != nil {
		return errors.New(*r.Error)
	}
	for _, f := range r.File {
		if err := os.WriteFile(filepath.Base(f.GetName()), []byte(f.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
