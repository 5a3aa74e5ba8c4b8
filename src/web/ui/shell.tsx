import { useEffect, type ReactElement } from "react";
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { answered, api, RefusedError } from "#web/api.ts";
import { countOf, inboxQuery } from "#web/approval/inbox.ts";
import { tasksQuery } from "#web/plan/queries.ts";
import { ClockBanner, PausedBanner, StreamLightText } from "#web/runtime/banners.tsx";
import { StopBanner } from "#web/release/stop-banner.tsx";
import { StreamProvider } from "#web/runtime/stream.tsx";
import { Icon, type IconName } from "./icons.tsx";
import { ErrorNote } from "./widgets.tsx";
import "./shell.css";

/** Everything around a page for a person who is known. */
export function Shell(): ReactElement {
  const { data, error } = useQuery(meQuery);
  const isStranger = error instanceof RefusedError && error.problem.status === 401;
  if (data === undefined) {
    return (
      <main id="main">
        {error !== null && !isStranger && (
          <div className="page">
            <h1>Tidegate</h1>
            <ErrorNote error={error} />
          </div>
        )}
      </main>
    );
  }
  return (
    <StreamProvider>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="shell-head">
        <Link to="/deployments" className="brand">
          <Icon name="gate" />
          Tidegate
        </Link>
        <Navigation />
        <div className="shell-side">
          <StreamLightText />
          <SchemeSwitch />
          <span className="viewer-name">{data.displayName}</span>
          <LogOut />
        </div>
      </header>
      <PausedBanner />
      <StopBanner />
      <ClockBanner />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </StreamProvider>
  );
}

const entries: readonly {
  readonly to:
    | "/deployments"
    | "/runs"
    | "/calendar"
    | "/matrix"
    | "/why"
    | "/inbox"
    | "/holds"
    | "/policies"
    | "/audit";
  readonly label: string;
  readonly icon: IconName;
}[] = [
  { to: "/deployments", label: "Deployments", icon: "list" },
  { to: "/runs", label: "Runs", icon: "play" },
  { to: "/calendar", label: "Calendar", icon: "calendar" },
  { to: "/matrix", label: "Matrix", icon: "grid" },
  { to: "/why", label: "Why", icon: "question" },
  { to: "/inbox", label: "Inbox", icon: "inbox" },
  { to: "/holds", label: "Holds", icon: "hold" },
  { to: "/policies", label: "Policies", icon: "gate" },
  { to: "/audit", label: "Audit", icon: "book" },
];

function Navigation(): ReactElement {
  const { data } = useQuery(inboxQuery);
  const { data: tasks } = useQuery(tasksQuery);
  const waiting = countOf(data, tasks);
  return (
    <nav className="shell-nav" aria-label="Main">
      {entries.map(({ to, label, icon }) => (
        <Link key={to} to={to} activeProps={{ "aria-current": "page" }}>
          <Icon name={icon} />
          {label}
          {to === "/inbox" && waiting > 0 && (
            <span className="count">
              {waiting}
              <span className="hidden-visually"> waiting for you</span>
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}

function SchemeSwitch(): ReactElement {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Switch to the ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      <Icon name={other === "dark" ? "moon" : "sun"} />
    </ActionIcon>
  );
}

function LogOut(): ReactElement {
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: () => answered(api.logOut()),
    onSettled: () => navigate({ to: "/login" }),
  });
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label="Log out"
      onClick={() => leave.mutate()}
      loading={leave.isPending}
    >
      <Icon name="leave" />
    </ActionIcon>
  );
}

/** Sends a person to the login page when the server no longer knows them, and back to where they were afterwards. */
export function useLoginWhenUnknown(error: unknown): void {
  const navigate = useNavigate();
  const isStranger = error instanceof RefusedError && error.problem.status === 401;
  useEffect(() => {
    if (!isStranger) return;
    const next = `${location.pathname}${location.search}`;
    void navigate({ to: "/login", search: { next }, replace: true });
  }, [isStranger, navigate]);
}
