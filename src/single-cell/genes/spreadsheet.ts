/** @file Gene names that spreadsheets turned into dates and numbers (Ziemann et al. 2016, doi:10.1186/s13059-016-1044-7). */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Symbols that look like dates, by month. SEP is asked only where SEPT has no such number (SEP15 is no septin). */
const stems: Readonly<Record<number, readonly (readonly string[])[]>> = {
  3: [['MARCH', 'MARC']],
  9: [['SEPT'], ['SEP']],
  10: [['OCT']],
  12: [['DEC']],
};

function monthAndDay(name: string): readonly [month: number, day: number] | undefined {
  const dayFirst = /^(\d{1,2})-([a-z]{3})(?:-\d{2,4})?$/i.exec(name);
  if (dayFirst !== null) return [months.indexOf(dayFirst[2].toLowerCase()) + 1, Number(dayFirst[1])];
  const monthFirst = /^([a-z]{3})-(\d{2})$/i.exec(name);
  if (monthFirst !== null) return [months.indexOf(monthFirst[1].toLowerCase()) + 1, Number(monthFirst[2])];
  const full = /^\d{4}([-/])(\d{2})\1(\d{2})(?:[ T]00:00:00)?$/.exec(name);
  return full === null ? undefined : [Number(full[2]), Number(full[3])];
}

/**
 * The names a date may have been, in groups to be asked one after the other; every name of a group is equally
 * likely. Undefined when the name is no date.
 */
export function namesBehindDate(name: string): readonly (readonly string[])[] | undefined {
  const date = monthAndDay(name);
  if (date === undefined || date[0] < 1 || date[0] > 12) return undefined;
  return (stems[date[0]] ?? []).map((group) => group.map((stem) => `${stem}${date[1]}`));
}

/** What a spreadsheet left when the name itself is lost. */
export function spreadsheetLoss(
  name: string,
): 'spreadsheet_serial' | 'spreadsheet_number' | 'spreadsheet_error' | undefined {
  if (/^#(?:NAME\?|REF!|VALUE!|N\/A|DIV\/0!|NUM!|NULL!)$/.test(name)) return 'spreadsheet_error';
  if (/^\d(?:\.\d+)?E\+\d+$/i.test(name)) return 'spreadsheet_number';
  // Days since 1900 of the years 1990 to 2050: what a date becomes when its format is lost.
  const day = /^\d{5}$/.test(name) ? Number(name) : 0;
  return day >= 32874 && day <= 55153 ? 'spreadsheet_serial' : undefined;
}
