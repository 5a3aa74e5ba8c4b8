import type { ReactElement } from "react";
import { QueryCache, QueryClient, useQuery } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  redirect,
  useLocation,
  type ErrorComponentProps,
} from "@tanstack/react-router";
import { z } from "zod";
import { LoginPage } from "#web/access/login-page.tsx";
import { meQuery } from "#web/access/session.ts";
import { RefusedError } from "#web/api.ts";
import { InboxPage } from "#web/approval/inbox-page.tsx";
import { AuditPage } from "#web/audit/audit-page.tsx";
import { auditSearch } from "#web/audit/audit.ts";
import { AdvicePage } from "#web/calendar/advice-page.tsx";
import { CalendarPage } from "#web/calendar/calendar-page.tsx";
import { MovesPage } from "#web/calendar/moves-page.tsx";
import { adviceSearch, calendarSearch, moveSearch, slotSearch, sourceSearch } from "#web/calendar/search.ts";
import { SlotPage } from "#web/calendar/slot-page.tsx";
import { SourcesPage } from "#web/calendar/sources-page.tsx";
import { ExemptionsPage } from "#web/exemption/exemptions-page.tsx";
import { BacktestPage } from "#web/policy/backtest-page.tsx";
import { PoliciesPage } from "#web/policy/policies-page.tsx";
import { PolicyPage } from "#web/policy/policy-page.tsx";
import { RulePage } from "#web/policy/rule-page.tsx";
import { backtestSearch, exemptionsSearch, policySearch, questionSearch, showSearch } from "#web/policy/search.ts";
import { WhyPage } from "#web/policy/why-page.tsx";
import { ResourcesPage } from "#web/plan/resources-page.tsx";
import { RunPage } from "#web/plan/run-page.tsx";
import { RunbookPage } from "#web/plan/runbook-page.tsx";
import { RunbooksPage } from "#web/plan/runbooks-page.tsx";
import { RunsPage } from "#web/plan/runs-page.tsx";
import { runbookSearch, runSearch, runsSearch } from "#web/plan/search.ts";
import { DeploymentPage } from "#web/release/deployment-page.tsx";
import { DeploymentsPage } from "#web/release/deployments-page.tsx";
import { GatesPage } from "#web/release/gates-page.tsx";
import { HoldsPage } from "#web/release/holds-page.tsx";
import { holdsSearch } from "#web/release/holds.ts";
import { MatrixPage } from "#web/release/matrix-page.tsx";
import {
  canarySearch,
  deploymentPageSearch,
  deploymentSearch,
  matrixSearch,
  parseSearch,
  present,
  serviceSearch,
  writeSearch,
} from "#web/release/search.ts";
import { CanaryPage } from "#web/rollout/canary-page.tsx";
import { ServicePage } from "#web/release/service-page.tsx";
import { Page } from "#web/ui/page.tsx";
import { Shell, useLoginWhenUnknown } from "#web/ui/shell.tsx";
import { EmptyState, ErrorNote } from "#web/ui/widgets.tsx";
import { wavePlanSearch } from "#web/waves/search.ts";
import { WavePlanPage } from "#web/waves/wave-plan-page.tsx";
import { WavesPage } from "#web/waves/waves-page.tsx";

/** What a refusal says stays so when asked again; only a server that did not answer is asked again. */
const retries = 2;

export function makeQueries(): QueryClient {
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        const isStranger = error instanceof RefusedError && error.problem.status === 401;
        // One page notices that the session is over; asking who we are makes the whole site notice.
        if (isStranger && query.queryKey[0] !== "me") void queries.invalidateQueries({ queryKey: ["me"] });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 2000,
        retry: (count, error) =>
          count < retries &&
          !(error instanceof RefusedError && error.problem.status >= 400 && error.problem.status < 500),
      },
    },
  });
  return queries;
}

function Root(): ReactElement {
  const isLogin = useLocation({ select: ({ pathname }) => pathname === "/login" });
  return isLogin ? <Outlet /> : <Known />;
}

function Known(): ReactElement {
  const { error } = useQuery(meQuery);
  useLoginWhenUnknown(error);
  return <Shell />;
}

function Broken({ error }: ErrorComponentProps): ReactElement {
  return (
    <Page title="Something is wrong">
      <ErrorNote error={error} />
    </Page>
  );
}

function Nowhere(): ReactElement {
  return (
    <Page title="There is nothing here">
      <div className="panel">
        <EmptyState icon="question" title="This address leads nowhere">
          The link may be mistyped or from another version. Go to the <Link to="/deployments">deployments</Link>.
        </EmptyState>
      </div>
    </Page>
  );
}

const root = createRootRoute({ component: Root, errorComponent: Broken, notFoundComponent: Nowhere });

const loginSearch = z.object({ next: z.string().max(2000).optional().catch(undefined) });

const routeTree = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: "/",
    beforeLoad: () => {
      throw redirect({ to: "/deployments", replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/login",
    component: LoginPage,
    validateSearch: (search) => present(loginSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/deployments",
    component: DeploymentsPage,
    validateSearch: (search) => present(deploymentSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/deployments/$id",
    component: DeploymentPage,
    validateSearch: (search) => present(deploymentPageSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/matrix",
    component: MatrixPage,
    validateSearch: (search) => present(matrixSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/services/$name",
    component: ServicePage,
    validateSearch: (search) => present(serviceSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/calendar",
    component: CalendarPage,
    validateSearch: (search) => present(calendarSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/calendar/advice",
    component: AdvicePage,
    validateSearch: (search) => present(adviceSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/calendar/moves",
    component: MovesPage,
    validateSearch: (search) => present(moveSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/calendar/sources",
    component: SourcesPage,
    validateSearch: (search) => present(sourceSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/deployments/$id/slot",
    component: SlotPage,
    validateSearch: (search) => present(slotSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/deployments/$id/canary",
    component: CanaryPage,
    validateSearch: (search) => present(canarySearch.parse(search)),
  }),
  createRoute({ getParentRoute: () => root, path: "/inbox", component: InboxPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/why",
    component: WhyPage,
    validateSearch: (search) => present(questionSearch.parse(search)),
  }),
  createRoute({ getParentRoute: () => root, path: "/rules/$rule", component: RulePage }),
  createRoute({
    getParentRoute: () => root,
    path: "/holds",
    component: HoldsPage,
    validateSearch: (search) => present(holdsSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/exemptions",
    component: ExemptionsPage,
    validateSearch: (search) => present(exemptionsSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/gates",
    component: GatesPage,
    validateSearch: (search) => present(showSearch.parse(search)),
  }),
  createRoute({ getParentRoute: () => root, path: "/policies", component: PoliciesPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/policies/$name",
    component: PolicyPage,
    validateSearch: (search) => present(policySearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/backtest",
    component: BacktestPage,
    validateSearch: (search) => present(backtestSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runs",
    component: RunsPage,
    validateSearch: (search) => present(runsSearch.parse(search)),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runs/$id",
    component: RunPage,
    validateSearch: (search) => present(runSearch.parse(search)),
  }),
  createRoute({ getParentRoute: () => root, path: "/runbooks", component: RunbooksPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/runbooks/$name",
    component: RunbookPage,
    validateSearch: (search) => present(runbookSearch.parse(search)),
  }),
  createRoute({ getParentRoute: () => root, path: "/waves", component: WavesPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/waves/$name",
    component: WavePlanPage,
    validateSearch: (search) => present(wavePlanSearch.parse(search)),
  }),
  createRoute({ getParentRoute: () => root, path: "/resources", component: ResourcesPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/audit",
    component: AuditPage,
    validateSearch: (search) => present(auditSearch.parse(search)),
  }),
]);

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch: writeSearch,
  defaultErrorComponent: Broken,
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
