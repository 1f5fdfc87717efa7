/**
 * Numbers what is begun one after the other, so that only the newest of it counts, in whichever order the answers
 * come.
 */
export class Newest {
  private begun = 0

  /**
   * Begins something: what was begun before no longer counts. Tells, whenever it is asked, whether this one still
   * does.
   */
  begin(): () => boolean {
    const mine = ++this.begun
    return () => mine === this.begun
  }
}
