/** @file Runs in the page: turns the report's data block back into arrays. Refers to nothing outside itself. */

/** A column in the data block: colours and names as they are, codes or values as base64. */
export type StoredColumn =
  | {
      readonly kind: 'groups';
      readonly name: string;
      readonly groups: readonly string[];
      readonly colors: readonly string[];
      /** Uint8, 255 for none. */
      readonly codes: string;
    }
  | {
      readonly kind: 'numbers';
      readonly name: string;
      /** Float32, NaN for none. */
      readonly values: string;
      /** Colours span these; what lies beyond has the colour of the end. */
      readonly low: number;
      readonly high: number;
      readonly colors: readonly string[];
    };

/** The data block. */
export interface StoredData {
  readonly cells: readonly string[];
  /** Quantised places of each map, Uint16, 65535 for none. */
  readonly maps: readonly string[];
  readonly columns: readonly StoredColumn[];
  readonly missingColor: string;
  /** Of cells that are coloured by nothing. */
  readonly plainColor: string;
}

/** A column ready to draw: a colour number for each cell, the last colour for cells without a value. */
export interface PageColumn {
  readonly stored: StoredColumn;
  readonly colors: readonly string[];
  readonly colorOf: Uint8Array; // [cells]
  /** What a cell's value is, in words. */
  readonly describe: (cell: number) => string;
}

/** The data block, decoded. */
export interface PageData {
  readonly cells: readonly string[];
  readonly maps: readonly Uint16Array[]; // each [cells, 2]
  readonly columns: readonly PageColumn[];
  /** One colour for all cells. */
  readonly plain: PageColumn;
}

/** Decodes the data block. */
export function decode(data: StoredData): PageData {
  const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const decodeColumn = (stored: StoredColumn): PageColumn => {
    const colors = [...stored.colors, data.missingColor];
    const missing = colors.length - 1;
    if (stored.kind === 'groups') {
      const colorOf = bytes(stored.codes).map((code) => (code === 255 ? missing : code));
      return { stored, colors, colorOf, describe: (cell) => stored.groups[colorOf[cell]] ?? 'no value' };
    }
    const values = new Float32Array(bytes(stored.values).buffer);
    const colorOf = Uint8Array.from(values, (value) => {
      if (Number.isNaN(value)) return missing;
      const place = ((value - stored.low) / (stored.high - stored.low)) * missing;
      return Math.max(0, Math.min(missing - 1, Math.floor(place)));
    });
    const describe = (cell: number) =>
      Number.isNaN(values[cell]) ? 'no value' : String(Number(values[cell].toPrecision(6)));
    return { stored, colors, colorOf, describe };
  };
  return {
    cells: data.cells,
    maps: data.maps.map((map) => new Uint16Array(bytes(map).buffer)),
    columns: data.columns.map(decodeColumn),
    plain: {
      stored: { kind: 'groups', name: '', groups: [], colors: [], codes: '' },
      colors: [data.plainColor, data.missingColor],
      colorOf: new Uint8Array(data.cells.length),
      describe: () => '',
    },
  };
}
