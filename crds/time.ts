/** Times as people and Kubernetes write them: RFC 3339. Read by arithmetic: the schemas and the core have no clock and so no Date. */

/** What the CRDs accept of users: a time of day that exists, with its offset. */
export const TIME_PATTERN =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$';

const PARTS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/;

const DAY = 86_400;

/** Days since 1970-01-01 of a civil date (proleptic Gregorian; Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Seconds since the epoch of an RFC 3339 time; undefined if it is absent or none. */
export function parseTime(text: string | undefined): number | undefined {
  const match = text === undefined ? null : PARTS.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '0', sign, offsetHours = 0, offsetMinutes = 0] = match;
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60);
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  return days * DAY + Number(hour) * 3600 + Number(minute) * 60 + Number(second) + Number(fraction) - offset;
}
