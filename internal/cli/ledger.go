package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"

	"penstock/internal/admin"
)

type ledgerCommand struct {
	client

	JSON bool `help:"Print the server's answer as it is."`
}

func (c *ledgerCommand) Run(ctx context.Context, sys *System) error {
	rows, raw, err := data[[]admin.LedgerRow](ctx, &c.client, request{method: http.MethodGet, path: "/api/ledger"})
	if err != nil {
		return err
	}
	if c.JSON {
		printer{sys.Stdout}.line("%s", raw)
		return nil
	}
	if len(rows) == 0 {
		printer{sys.Stdout}.line("no mapping has been on yet, so nothing is owed to any destination")
		return nil
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "destination\tmapping\taccepted\tdelivered\tfiltered\tduplicate\tdiscarded\tlost\tretrying\tparked\tpending\t")
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", clean(r.Destination), clean(r.Mapping),
			r.Accepted, r.Delivered, r.Filtered, r.Duplicate, r.Discarded, r.Lost, r.Retrying, r.Parked, r.Pending)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = io.WriteString(sys.Stdout, table.String())
	return err
}
