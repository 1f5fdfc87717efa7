// Package cli is the command line: one file a command. Beside cmd it is the only place that reads the environment. The commands that ask a running server go
// through the documented control API, like anybody else.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// System is what the program has of the outside world.
type System struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Interactive says that Stdin and Stdout are a terminal, so that somebody can be asked.
	Interactive bool
}

// Exit codes of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitDiffer = 2 // of apply --check: the server is not as the file says
)

// commands is the grammar of the command line.
type commands struct {
	Serve   serveCommand    `cmd:"" help:"Run the server."`
	Apply   applyCommand    `cmd:"" help:"Bring a server's workspace to what a file names."`
	Export  exportCommand   `cmd:"" help:"Print a server's workspace as the file that apply takes."`
	Preset  presetCommand   `cmd:"" help:"Make a destination of a preset, such as Pendo Track Events."`
	Test    testCommand     `cmd:"" help:"Take one event through one mapping, and show each step."`
	Tail    tailCommand     `cmd:"" help:"Follow what comes in: events, and what was not taken and why."`
	Where   whereCommand    `cmd:"" help:"Where is my event? Print the journey of a messageId."`
	Ledger  ledgerCommand   `cmd:"" help:"Print what became of every event, mapping by mapping."`
	Erase   eraseCommand    `cmd:"" help:"Take visitors and accounts out of what an app received, and of the log."`
	User    userCommands    `cmd:"" help:"Users: list, create, change, invite, delete."`
	Token   tokenCommands   `cmd:"" help:"Tokens of the control API: list, create, revoke."`
	Secrets secretsCommands `cmd:"" help:"How secrets are encrypted, and with another key from now on."`
	Audit   auditCommand    `cmd:"" help:"Print who changed what, the newest last."`
	Eval    evalCommand     `cmd:"" help:"Try triggers, mappings and actions offline: NDJSON cases in, NDJSON results out."`
	Version versionCommand  `cmd:"" help:"Print the version."`
}

// exited ends the parser where it wants to end the program, after --help.
type exited int

// Run runs one command and returns the exit code of the program.
func Run(ctx context.Context, args []string, sys System) (code int) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(exited)
			if !ok {
				panic(v)
			}
			code = int(e)
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("penstock"),
		kong.Description("Customer events, from the SDKs that you use to where they are needed, and never lost on the way."),
		kong.UsageOnError(),
		kong.Writers(sys.Stdout, sys.Stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&sys),
	)
	if err != nil {
		return sys.fail(err, exitFailed)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return sys.fail(fmt.Errorf("%w\n`penstock --help` lists the commands, `penstock COMMAND --help` the flags of one", err), exitUsage)
	}
	err = parsed.Run()
	switch {
	case errors.Is(err, errDiffers):
		return sys.fail(err, exitDiffer)
	case err != nil && !errors.Is(err, context.Canceled):
		return sys.fail(err, exitFailed)
	}
	return exitOK
}

func (s *System) fail(err error, code int) int {
	_, _ = fmt.Fprintln(s.Stderr, "penstock: "+err.Error()) // there is nobody else to tell
	return code
}

// printer writes lines for people. What comes from elsewhere may hold control characters, which could tell a terminal anything: they are shown as U+FFFD.
type printer struct{ out io.Writer }

func (p printer) line(format string, args ...any) {
	_, _ = fmt.Fprintln(p.out, clean(fmt.Sprintf(format, args...))) // a reader that is gone ends the program by SIGPIPE
}
