/**
 * Makes something once, though the answer to an earlier try was lost: what has appeared since the first try, and is as
 * it was to be made, is taken for it.
 */
export class Once<R extends { slug: string }> {
  private before: ReadonlySet<string> | undefined

  async make(list: () => Promise<readonly R[]>, isIt: (r: R) => boolean, make: () => Promise<R>): Promise<R> {
    const all = await list()
    this.before ??= new Set(all.map((r) => r.slug))
    return all.find((r) => this.before?.has(r.slug) === false && isIt(r)) ?? (await make())
  }
}
