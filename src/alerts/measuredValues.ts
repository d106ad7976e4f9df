/** Finds the parts that change by themselves in the texts of one lasting alert: times and measured values. Pure. */

const DATE_TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?`;
const CLOCK = String.raw`\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?`;
const UNIT = String.raw`%|°[CF]|[nmu\u00b5\u03bc]?s|sec(?:ond)?s?|min(?:ute)?s?|h|h(?:ou)?rs?|d|days?|[kKMGTP]i?[Bb]|[Bb]ytes?`;
const MEASURE = String.raw`[-+]?\d+(?:[.,]\d+)?\s?(?:${UNIT})`;
const FRACTION = String.raw`[-+]?\d+[.,]\d+`;

/** No part of a name, an address or a version, such as `db-7.1`, `10.0.0.7:80` or `v1.2`. */
const MEASURED_VALUE = new RegExp(
  String.raw`(?<![\w.,:/@#-])(?:${DATE_TIME}|${CLOCK}|${MEASURE}|${FRACTION})(?![\w:-]|[.,]\d)`,
  'g',
);

/**
 * The text without times and measured values. A whole number without a unit stays: it may be the number of a host, a
 * customer or an order, by which a person tells alerts apart.
 */
export const withoutMeasuredValues = (text: string): string => text.replace(MEASURED_VALUE, '0');
