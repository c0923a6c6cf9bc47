/** @file Mouse genes and the human genes that descend from the same ancestor. */

/** Human and mouse orthologues by symbol; one to many pairs are kept. */
export class Orthologues {
  private readonly humanOf = new Map<string, string[]>();

  /** @param pairs lines of human symbol and mouse symbol, by a tab */
  constructor(pairs: readonly string[]) {
    for (const pair of pairs) {
      const [human, mouse] = pair.split('\t');
      const known = this.humanOf.get(mouse);
      if (known === undefined) this.humanOf.set(mouse, [human]);
      else known.push(human);
    }
  }

  /**
   * The human symbols of a mouse symbol, empty when there is none. Where several descend from it and one has the
   * same name but for case, that one is meant (`Cd8a`: `CD8A`) and stands alone.
   */
  human(mouse: string): readonly string[] {
    const symbols = this.humanOf.get(mouse) ?? [];
    const namesake = mouse.toUpperCase();
    return symbols.includes(namesake) ? [namesake] : symbols;
  }
}
