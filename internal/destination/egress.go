package destination

import "errors"

// ErrEgressRefused is in the chain of a dial error when the address is one that the server may not call: private, loopback, link-local and the
// like, looked at after DNS. Destinations answer it with ClassUnavailable and CodeEgress.
var ErrEgressRefused = errors.New("address is not open to deliveries")
