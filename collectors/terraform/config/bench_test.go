package config

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad evaluates roots of one size and of ten times that, so that what is not linear shows.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{200, 2000} {
		var code strings.Builder
		code.WriteString("provider \"aws\" {\n default_tags {\n tags = { Env = local.l0 }\n }\n}\n")
		for i := range n {
			fmt.Fprintf(&code, "locals {\n l%d = \"v%d\"\n}\nresource \"aws_x\" \"r%d\" {\n count = 4\n name = \"${local.l%d}-${count.index}\"\n tags = merge({ A = local.l%d }, { B = aws_x.r%d[0].name, C = aws_x.r%d[count.index].id })\n}\n", i, i, i, i, i, i/2, i)
		}
		fsys := tree(code.String())
		b.Run(fmt.Sprintf("blocks=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c, err := Load(context.Background(), fsys, ".", Options{})
				if err != nil {
					b.Fatal(err)
				}
				if err := c.Resources(func(Resource) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
