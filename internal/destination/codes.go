package destination

// Machine codes of results and errors that are not an HTTP status. Where Segment has a code for it, it is Segment's.
const (
	CodeTimedOut          = "ETIMEDOUT"    // no answer within the deadline
	CodeRefused           = "ECONNREFUSED" // nobody listens there
	CodeReset             = "ECONNRESET"   // the connection broke while we waited
	CodeNotFound          = "ENOTFOUND"    // the host name does not exist
	CodeNameTemporary     = "EAI_AGAIN"    // the host name could not be looked up at present
	CodeUnreachable       = "EHOSTUNREACH" // no route to the host
	CodeTLS               = "TLS_FAILED"   // the certificate or the handshake was not accepted
	CodeProtocol          = "HTTP_INVALID" // the answer is not HTTP
	CodeEgress            = "EGRESS_REFUSED"
	CodeCanceled          = "CANCELED"
	CodePayloadValidation = "PAYLOAD_VALIDATION_FAILED"
	CodeMapping           = "MAPPING_FAILED"
	CodeUnsupportedScheme = "UNSUPPORTED_SCHEME"
)
