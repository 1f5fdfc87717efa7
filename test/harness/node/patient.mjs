// Imported before every program that a test runs, so that none of its requests is lost on a busy machine.
//
// A process asks for the first time, and Node compiles its HTTP parser. A connection that the server closes meanwhile,
// as it does when no header came within ten seconds, is not noticed: its request neither fails nor gets an answer
// (Node 20.20.2, undici 6.24.1). So the parser is compiled here, before there is a connection. A connection may also
// take longer to open than the ten seconds that Node gives it.
await fetch('data:,')
const dispatcher = Symbol.for('undici.globalDispatcher.1')
const Dispatcher = globalThis[dispatcher].constructor
globalThis[dispatcher] = new Dispatcher({ connect: { timeout: 0 } })
