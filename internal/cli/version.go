package cli

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

func (*versionCommand) Run(sys *System) error {
	_, err := fmt.Fprintln(sys.Stdout, "penstock "+version())
	return err
}

// version is that of the module, or else the commit that the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "devel"
}
