package arrowstore

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// messages reads the messages of a stream for package ipc, whose own reader asks for the memory
// that a stream names before it has seen whether there is so much.
type messages struct {
	r     *bufio.Reader
	msg   *ipc.Message
	ended bool // the stream has said so
}

// fileMagic is what files begin with. A stream follows, and behind that what lets its batches
// be found in any order.
const fileMagic = "ARROW1\x00\x00"

// newMessages reads a stream, or the stream that is in a file.
func newMessages(r io.Reader) *messages {
	m := &messages{r: bufio.NewReaderSize(r, 64<<10)}
	if head, _ := m.r.Peek(len(fileMagic)); string(head) == fileMagic {
		m.r.Discard(len(fileMagic)) // what was peeked at can be discarded
	}
	return m
}

// continuation begins a message since version 0.15 of the format.
const continuation = 0xffffffff

// Message implements ipc.MessageReader.
func (m *messages) Message() (_ *ipc.Message, err error) {
	defer func() { // flat buffers are read without a look at what they say
		if p := recover(); p != nil {
			err = fmt.Errorf("a message of the stream cannot be read: %v", p)
		}
	}()
	size, err := m.length()
	if err != nil {
		return nil, err
	}
	meta, err := m.read(int64(size))
	if err != nil {
		return nil, err
	}
	if err := checkMeta(meta.Bytes()); err != nil {
		return nil, err
	}
	head := ipc.NewMessage(meta, memory.NewBufferBytes(nil))
	length := head.BodyLen()
	head.Release()
	body, err := m.read(length)
	if err != nil {
		return nil, err
	}
	m.Release()
	m.msg = ipc.NewMessage(meta, body)
	return m.msg, nil
}

// length is that of the next message; io.EOF is the end of the stream.
func (m *messages) length() (uint32, error) {
	var b [4]byte
	if _, err := io.ReadFull(m.r, b[:]); err != nil {
		return 0, err
	}
	n := binary.LittleEndian.Uint32(b[:])
	if n == continuation {
		if _, err := io.ReadFull(m.r, b[:]); err != nil {
			return 0, unexpected(err)
		}
		n = binary.LittleEndian.Uint32(b[:])
	}
	if n == 0 {
		m.ended = true
		return 0, io.EOF
	}
	return n, nil
}

// atOnce is how much room is made for bytes that were not seen yet.
const atOnce = 1 << 20

// read reads n bytes.
func (m *messages) read(n int64) (*memory.Buffer, error) {
	if n < 0 {
		return nil, fmt.Errorf("a message of the stream has a length of %d bytes", n)
	}
	var b bytes.Buffer
	b.Grow(int(min(n, atOnce)))
	if _, err := io.CopyN(&b, m.r, n); err != nil {
		return nil, unexpected(err)
	}
	return memory.NewBufferBytes(b.Bytes()), nil
}

// unexpected is the error of an end in the middle of a message.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Release implements ipc.MessageReader, and is called before the next message too: that is
// valid until then.
func (m *messages) Release() {
	if m.msg != nil {
		m.msg.Release()
		m.msg = nil
	}
}

// Retain implements ipc.MessageReader. There is one user, whose Release is the last.
func (m *messages) Retain() {}
