package naming

import (
	"testing"
)

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"user_id": "UserID", "id": "ID", "url": "URL", "created_at": "CreatedAt", "json": "JSON", "http_url": "HTTPURL", "cpu_used": "CPUUsed",
		"a__b_": "AB", "ipv4": "Ipv4", "live_queries": "LiveQueries", "user_ids": "UserIDs", "oauth": "OAuth", "ttl_seconds": "TTLSeconds", "s3": "S3",
	} {
		if got := GoName(name); got != want {
			t.Errorf("GoName(%q) = %q, want %q", name, got, want)
		}
	}
}
