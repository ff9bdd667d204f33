package rowfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A csvCell is a cell of a CSV file. The file tells a text without characters, which is "" in
// quotes, from nothing. encoding/csv does not, and takes carriage returns away.
type csvCell struct {
	text string
	null bool // nothing stands there, not even quotes
}

// appendCSV appends a record.
func appendCSV(b []byte, cells []csvCell) []byte {
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case c.null:
		case c.text == "" || strings.ContainsAny(c.text, ",\"\r\n"):
			b = append(b, '"')
			b = append(b, strings.ReplaceAll(c.text, `"`, `""`)...)
			b = append(b, '"')
		default:
			b = append(b, c.text...)
		}
	}
	return append(b, '\n')
}

// csvReader reads records.
type csvReader struct {
	r    *bufio.Reader
	line int // where the record that was read last begins, from 1
	next int // the line that comes next
}

// newCSVReader reads from r. The mark that some programs put before UTF-8 is left out.
func newCSVReader(r io.Reader) *csvReader {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(3) // what was peeked at can be discarded
	}
	return &csvReader{r: b, next: 1}
}

// read is the next record; io.EOF is their end. Empty lines are left out.
func (c *csvReader) read() ([]csvCell, error) {
	for {
		c.line = c.next
		cells, err := c.record()
		if err != nil || len(cells) != 1 || !cells[0].null {
			return cells, err
		}
	}
}

func (c *csvReader) record() (cells []csvCell, err error) {
	if _, err := c.r.Peek(1); err != nil {
		return nil, err
	}
	for {
		cell, last, err := c.cell()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", c.next, err)
		}
		cells = append(cells, cell)
		if last {
			c.next++
			return cells, nil
		}
	}
}

// cell reads a cell with what ends it; last says that it ends the record too.
func (c *csvReader) cell() (cell csvCell, last bool, err error) {
	var b []byte
	quoted := false
	if first, _ := c.r.Peek(1); string(first) == `"` {
		quoted = true
		c.r.Discard(1)
		if b, err = c.quoted(); err != nil {
			return csvCell{}, false, err
		}
	}
	for {
		ch, err := c.r.ReadByte()
		switch {
		case err == io.EOF || err == nil && ch == '\n':
			return csvCell{string(b), !quoted && len(b) == 0}, true, nil
		case err != nil:
			return csvCell{}, false, err
		case ch == ',':
			return csvCell{string(b), !quoted && len(b) == 0}, false, nil
		case ch == '\r':
			// It is a part of the end of the line, or of a text without quotes.
			if next, _ := c.r.Peek(1); len(next) == 0 || next[0] == '\n' {
				continue
			}
		}
		if quoted {
			return csvCell{}, false, fmt.Errorf("%q stands behind a cell in quotes: a quote in a cell is written twice", ch)
		}
		if ch == '"' {
			return csvCell{}, false, errors.New("a quote stands in a cell without quotes: put the cell in quotes, and write the quote twice")
		}
		b = append(b, ch)
	}
}

// quoted reads the rest of a cell in quotes.
func (c *csvReader) quoted() ([]byte, error) {
	var b []byte
	begun := c.next
	for {
		part, err := c.r.ReadSlice('"')
		b = append(b, part...)
		for _, ch := range part {
			if ch == '\n' {
				c.next++
			}
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF:
			return nil, fmt.Errorf("the cell in quotes that begins in line %d has no end", begun)
		case err != nil:
			return nil, err
		}
		if next, _ := c.r.Peek(1); string(next) != `"` {
			return b[:len(b)-1], nil
		}
		c.r.Discard(1)
	}
}
