/**
 * Which screen there is: the claim of a first link, signing in, or the desk.
 */
import { client } from "@holdfast/contract"
import { useCallback, useEffect, useState } from "react"
import { Route, Router, Switch } from "wouter"
import { findIdentity, type Identity } from "../data/identity.ts"
import { findSession, type Session, signOut } from "../data/session.ts"
import { loadSite, type Site, type SiteFault } from "../data/site.ts"
import { AccountPage } from "../pages/account.tsx"
import { ActivityPage } from "../pages/activity.tsx"
import { ClaimPage } from "../pages/claim.tsx"
import { DoorPage } from "../pages/door.tsx"
import { DoorsPage } from "../pages/doors.tsx"
import { GroupsPage } from "../pages/groups.tsx"
import { HeatPage } from "../pages/heat.tsx"
import { LivePage } from "../pages/live.tsx"
import { FirmwarePage } from "../pages/firmware.tsx"
import { LogsPage } from "../pages/logs.tsx"
import { PeoplePage } from "../pages/people.tsx"
import { PersonPage } from "../pages/person.tsx"
import { SignInPage } from "../pages/sign-in.tsx"
import { SilentAlarmsPage } from "../pages/silent-alarms.tsx"
import { SiteFaultPage, Waiting } from "../pages/waiting.tsx"
import { type Desk, DeskProvider, openDesk } from "./desk.ts"
import { Frame } from "./frame.tsx"

const reach: Parameters<typeof client>[1] = (url, init) => fetch(url, init)

export function App() {
  const [site, setSite] = useState<Site | SiteFault | null>(null)
  useEffect(() => {
    void loadSite().then((loaded) => setSite(loaded.ok ? loaded.site : loaded.fault))
  }, [])
  if (site === null) return <Waiting what="Reading which site this is" />
  if (typeof site === "string") return <SiteFaultPage fault={site} />
  return (
    <Router>
      <Switch>
        <Route path="/claim">
          <ClaimPage site={site} />
        </Route>
        <Route>
          <Sitting site={site} />
        </Route>
      </Switch>
    </Router>
  )
}

/** Finds the person and the sitting that this browser knows, or asks for them. */
function Sitting({ site }: { site: Site }) {
  const [identity] = useState<Identity | null>(() => findIdentity(site.id))
  const [session, setSession] = useState<Session | "unknown" | null>("unknown")
  const [api] = useState(() => client(site.api, reach))
  useEffect(() => {
    if (identity === null) setSession(null)
    else void findSession(site, identity).then(setSession)
  }, [site, identity])
  const leave = useCallback((): void => {
    setSession(null)
    void signOut(site, api, session === "unknown" ? null : session)
  }, [site, api, session])
  if (session === "unknown") return <Waiting what="Looking for your session" />
  if (session === null || identity === null)
    return <SignInPage site={site} client={api} identity={identity} onSignedIn={setSession} />
  return <AtDesk site={site} api={api} identity={identity} session={session} leave={leave} />
}

type AtDeskProps = {
  readonly site: Site
  readonly api: ReturnType<typeof client>
  readonly identity: Identity
  readonly session: Session
  readonly leave: () => void
}

const RETRY_MS = 2_000

function AtDesk({ site, api, identity, session, leave }: AtDeskProps) {
  const [desk, setDesk] = useState<Desk | null>(null)
  const [tries, setTries] = useState(0)
  useEffect(() => {
    let gone = false
    let opened: Desk | null = null
    let timer: ReturnType<typeof setTimeout> | null = null
    void openDesk(site, api, identity, session, leave).then((made) => {
      if (gone) return made?.stop()
      opened = made
      setDesk(made)
      if (made === null) timer = setTimeout(() => setTries((now) => now + 1), RETRY_MS)
    })
    return () => {
      gone = true
      opened?.stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [site, api, identity, session, leave, tries])
  if (desk === null)
    return (
      <Waiting
        what={tries === 0 ? "Opening the logs" : "The server does not answer yet; trying again"}
        onLeave={leave}
      />
    )
  return (
    <DeskProvider value={desk}>
      <Frame>
        <Switch>
          <Route path="/" component={LivePage} />
          <Route path="/activity" component={ActivityPage} />
          <Route path="/heat" component={HeatPage} />
          <Route path="/people" component={PeoplePage} />
          <Route path="/people/:person">{({ person }) => <PersonPage id={person} />}</Route>
          <Route path="/groups" component={GroupsPage} />
          <Route path="/doors" component={DoorsPage} />
          <Route path="/doors/:door">{({ door }) => <DoorPage id={door} />}</Route>
          <Route path="/logs" component={LogsPage} />
          <Route path="/firmware" component={FirmwarePage} />
          <Route path="/silent" component={SilentAlarmsPage} />
          <Route path="/account" component={AccountPage} />
          <Route>
            <h1>There is no such page</h1>
          </Route>
        </Switch>
      </Frame>
    </DeskProvider>
  )
}
