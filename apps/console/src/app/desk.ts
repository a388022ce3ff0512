/**
 * Everything a signed-in person's page works with, built once: the one place of the console that puts its parts together.
 */
import type { State } from "@holdfast/access"
import { type DoorId, type Id, parseId, type PersonId, type ScheduleId, unreachable } from "@holdfast/base"
import { type Client, type Door, isFault, type JournalRecord, type LiveEvent, type LogClass } from "@holdfast/contract"
import { createContext, useContext } from "react"
import { type Authority, AuthorityLog, provedState } from "../data/authority.ts"
import { Beats } from "../data/beats.ts"
import { type Draft, EMPTY_TRAY, type Tray } from "../data/drafts.ts"
import { headMemory } from "../data/head-memory.ts"
import type { Identity } from "../data/identity.ts"
import { Labels, shortId } from "../data/labels.ts"
import { follow, type Link } from "../data/live.ts"
import type { ReadFile } from "../data/log-follower.ts"
import { lookAtLabels, lookAtRecords } from "../data/look.ts"
import { Openings } from "../data/openings.ts"
import type { Session } from "../data/session.ts"
import { SilentAlarms } from "../data/silent-alarms.ts"
import type { Site } from "../data/site.ts"
import { Store, useStore } from "../data/store.ts"
import { toldAfter, type ToldDoors } from "../data/told.ts"
import { WorldPort } from "../data/world.ts"
import type { Name } from "../words/sentences.ts"
import { type FoldedDrafts, foldDrafts } from "../work/fold-drafts.ts"

export type Desk = {
  readonly site: Site
  readonly client: Client
  readonly identity: Identity
  readonly session: Session
  readonly authority: AuthorityLog
  /** As far as they may be believed, see beats.ts. */
  readonly doors: Store<ReadonlyMap<string, Door>>
  readonly beats: Beats
  /** Records that came while this page was open, newest first, at most a few hundred. */
  readonly recent: Store<readonly JournalRecord[]>
  readonly link: Store<Link>
  readonly labels: Labels
  readonly openings: Openings
  readonly alarms: SilentAlarms
  readonly tray: Store<Tray>
  /** The tray folded on top of the proved state; null until there is one. */
  readonly folded: Store<FoldedDrafts | null>
  readonly world: WorldPort | null
  readonly said: Store<string | null>
  read(logClass: LogClass, period: string): ReadFile
  leave(): void
  stop(): void
}

const RECENT_MAX = 300
const VERIFY_EVERY_MS = 30_000

function reader(client: Client, token: string, logClass: LogClass, period: string): ReadFile {
  return async (file) => {
    const answered = await client.ask("ledger", { params: { class: logClass, period, file } }, { token })
    return answered.ok ? answered.answer : null
  }
}

/** The period of the authority log that is being written. */
async function authorityPeriod(client: Client, token: string): Promise<string | null> {
  const answered = await client.ask("logs", {}, { token })
  if (!answered.ok) return null
  const periods = answered.answer.logs.filter((log) => log.class === "authority").map((log) => log.period)
  return periods.sort().at(-1) ?? null
}

function commitmentIn(state: State | null, id: Id<string>): Uint8Array | null {
  const door = state?.doors.get(id as DoorId)
  return door?.commitment ?? state?.people.get(id as PersonId)?.commitment ?? null
}

/** The doors as far as they may be believed, whenever more is told or proved. */
function believedDoors(told: Store<ToldDoors>, beats: Beats, authority: AuthorityLog): Desk["doors"] {
  const doors: Desk["doors"] = new Store(new Map())
  const believe = (): void => {
    doors.set(new Map([...told.value].map(([id, door]) => [id, beats.believed(authority.state, door)])))
  }
  told.watch(believe)
  authority.store.watch(believe)
  return doors
}

/** The tray on top of what is proved, whenever either changes. */
function foldedTray(tray: Store<Tray>, authority: AuthorityLog): Desk["folded"] {
  const folded: Desk["folded"] = new Store(null)
  const fold = (): void => {
    const { state } = authority
    const changes = tray.value.drafts.map(({ change }) => change)
    folded.set(state === null ? null : foldDrafts(state, changes, Date.now()))
  }
  tray.watch(fold)
  authority.store.watch(fold)
  return folded
}

/** What an event is to the desk, beside what it tells of a door (told.ts). */
function hearAtDesk(event: LiveEvent, desk: Pick<Desk, "authority" | "recent" | "alarms" | "said">): void {
  switch (event.event) {
    case "records":
      return desk.recent.change((now) => [...[...event.records].reverse(), ...now].slice(0, RECENT_MAX))
    case "statement":
      if (event.kind === "lock-pair")
        desk.said.set(`Somebody stated which board is a door's lock: statement ${event.index} of the authority log.`)
      return void desk.authority.refresh()
    case "log":
      if (event.class === "authority") void desk.authority.refresh()
      return
    case "sheet":
      return void desk.alarms.hear(event.sealed)
    case "door":
    case "door-gone":
    case "heard":
    case "link":
    case "begin-again":
      return
    default:
      return unreachable(event)
  }
}

/** Starts the desk: reads the log, follows what happens, until {@link Desk.stop}. Null when the API does not answer. */
export async function openDesk(
  site: Site,
  client: Client,
  identity: Identity,
  session: Session,
  leave: () => void,
): Promise<Desk | null> {
  const { token } = session
  const period = await authorityPeriod(client, token)
  if (period === null) return null
  const authority = new AuthorityLog(site, period, reader(client, token, "authority", period), headMemory(localStorage))
  const ending = new AbortController()
  const told = new Store<ToldDoors>(new Map())
  const beats = new Beats(site.id)
  const doors = believedDoors(told, beats, authority)
  const recent = new Store<readonly JournalRecord[]>([])
  const link = new Store<Link>({ is: "connecting" })
  const alarms = new SilentAlarms(site.id)
  const said = new Store<string | null>(null)
  const world = site.world === null ? null : new WorldPort(site.world)
  const readDoors = async (): Promise<void> => {
    const answered = await client.ask("doors", {}, { token })
    if (answered.ok) told.set(new Map(answered.answer.doors.map((door) => [door.door, door])))
    else if (isFault(answered.fault) && answered.fault === "session-ended") leave()
  }
  const beginAgain = (): void => {
    void authority.refresh()
    void readDoors()
  }
  const verifying = setInterval(() => void authority.refresh(), VERIFY_EVERY_MS)
  const hear = (event: LiveEvent): void => {
    told.change((now) => toldAfter(now, event))
    hearAtDesk(event, { authority, recent, alarms, said })
  }
  void follow(client, token, link, { beginAgain, sessionEnded: leave, hear }, ending.signal)
  if (world !== null) void world.follow(ending.signal)
  const tray = new Store(EMPTY_TRAY)
  const folded = foldedTray(tray, authority)
  beginAgain()
  return {
    site,
    client,
    identity,
    session,
    authority,
    doors,
    beats,
    recent,
    link,
    labels: new Labels(
      (ids) => lookAtLabels(site, client, session, ids),
      (id) => commitmentIn(authority.state, id),
    ),
    alarms,
    openings: new Openings((ranges) => lookAtRecords(site, client, session, ranges)),
    tray,
    folded,
    world,
    said,
    read: (logClass, period) => reader(client, token, logClass, period),
    leave,
    stop() {
      clearInterval(verifying)
      ending.abort()
    },
  }
}

const DeskContext = createContext<Desk | null>(null)
export const DeskProvider = DeskContext.Provider

/** No desk where a page expects one: a page was drawn outside the frame. */
export class NoDeskError extends Error {
  override readonly name = "NoDeskError"
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === null) throw new NoDeskError("A page is only drawn for somebody who signed in.")
  return desk
}

export function useAuthority(): Authority {
  return useStore(useDesk().authority.store)
}

/** The site's state as proved here; null until the log was read. */
export function useSiteState(): State | null {
  return provedState(useAuthority())
}

/**
 * The site as it would be if the tray were signed: what pages draw, marking with "draft" whatever the proved state does not
 * have. With an empty tray it is the proved state itself.
 */
export function useDraftedState(): State | null {
  const folded = useStore(useDesk().folded)
  const state = useSiteState()
  return folded?.state ?? state
}

function nameInTray(drafts: readonly Draft[], id: string): string | null {
  for (const { change } of drafts) {
    if (change.kind === "group set" && change.group === id) return change.name
    if (change.kind === "schedule set" && change.schedule === id) return change.name
  }
  return null
}

/**
 * The name of anything. A name that is sealed is put on the list of what to ask for, once, and drawn when it has come; all
 * that one drawing wants becomes one look.
 */
export function useNames(): Name {
  const desk = useDesk()
  const state = useSiteState()
  const labels = useStore(desk.labels.store)
  const { drafts } = useStore(desk.tray)
  return (text) => {
    const id = parseId<string>(text)
    if (id === null) return text
    const label = labels.get(id)
    if (label?.is === "known") return label.text
    const plain = state?.groups.get(id as Parameters<State["groups"]["get"]>[0])?.name
    const found = plain ?? state?.schedules.get(id as ScheduleId)?.name ?? nameInTray(drafts, id)
    if (found !== null && found !== undefined) return found
    if (label === undefined && commitmentIn(state, id) !== null) desk.labels.need([id])
    return shortId(id)
  }
}
