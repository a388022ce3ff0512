/** The few words of luxon that the oracle uses; the package carries no types of its own. */
declare module "luxon" {
  export class DateTime {
    static fromISO(text: string, options: { zone: string }): DateTime
    static fromSeconds(seconds: number, options: { zone: string }): DateTime
    static utc(year: number, month: number, day: number): DateTime
    readonly year: number
    readonly month: number
    readonly day: number
    readonly hour: number
    readonly minute: number
    readonly weekday: number
    toSeconds(): number
    toISO(): string | null
  }
  export class IANAZone {
    static create(name: string): IANAZone
    offset(at_ms: number): number
  }
}
