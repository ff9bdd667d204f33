package show

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/schema/diag"
)

// Suggest tells what may have been meant by a name that is none, or all that there is.
func Suggest(name string, names []string) string {
	switch best := diag.Nearest(name, names); {
	case best != "":
		return fmt.Sprintf("did you mean %s?", OneLine(best))
	case len(names) == 0:
		return "there are none"
	case len(names) > 20:
		return fmt.Sprintf("there are %d others", len(names))
	}
	return "there are " + OneLine(strings.Join(names, ", "))
}
