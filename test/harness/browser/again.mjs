// Makes fetch try again where the server closed a new connection before it had answered anything, as Penstock does with
// one by which no header has come within ten seconds. This happens on a busy machine, where a process stands still
// after it has connected; the server has read nothing then. Segment's SDKs try again, too.
const tries = 10
const once = globalThis.fetch

const resets = ['ECONNRESET', 'EPIPE'] // what a write meets
const isUnread = ({ cause }) =>
  resets.includes(cause?.code) || (cause?.code === 'UND_ERR_SOCKET' && cause.socket?.bytesRead === 0)

globalThis.fetch = async (...request) => {
  for (let left = tries - 1; ; left--) {
    try {
      return await once(...request)
    } catch (problem) {
      if (!isUnread(problem) || left === 0) throw problem
    }
  }
}
