import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { BrakeTabs } from "#web/release/brake-tabs.tsx";
import { present } from "#web/release/search.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { CommandLine, ErrorNote } from "#web/ui/widgets.tsx";
import { DeedDialog } from "./deed-dialog.tsx";
import type { Deed } from "./deeds.ts";
import { DebtLine, EmergencyLine, ExemptionLine, type LineContext } from "./lines.tsx";
import { useDebts, emergenciesQuery, useExemptions } from "./queries.ts";

/** What lets work through in spite of a rule, who answers for it, and what is owed for it. */
export function ExemptionsPage(): ReactElement {
  const search = useSearch({ from: "/exemptions" });
  const navigate = useNavigate({ from: "/exemptions" });
  const { data: me } = useQuery(meQuery);
  const show = search.show === "all" ? "all" : "open";
  const change = (part: Partial<typeof search>): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true });
  const onAsk = (ask: Deed, of?: string): void => change({ ask, of });
  const context = { show, me, onAsk } as const;
  return (
    <Page
      title="Exemptions and emergencies"
      side={<Beginnings may={(permission) => me?.permissions.includes(permission) === true} onAsk={onAsk} />}
    >
      <BrakeTabs />
      <Checkbox
        label="Show what is over too"
        checked={show === "all"}
        onChange={(event) => change({ show: event.currentTarget.checked ? "all" : undefined })}
      />
      <Exemptions {...context} />
      <Emergencies {...context} />
      <Debts {...context} />
      <div>
        <CommandLine command="tidegate exemption list" />
      </div>
      <DeedDialog search={search} about={null} onClose={() => change({ ask: undefined, of: undefined })} />
    </Page>
  );
}

interface BeginningProps {
  readonly may: (permission: string) => boolean;
  readonly onAsk: (ask: Deed) => void;
}

function Beginnings({ may, onAsk }: BeginningProps): ReactElement {
  return (
    <>
      {may("exemption.request") && <Button onClick={() => onAsk("exempt")}>Ask for an exemption…</Button>}
      {may("emergency.open") && (
        <Button color="red" variant="outline" onClick={() => onAsk("emergency")}>
          Declare an emergency…
        </Button>
      )}
    </>
  );
}

interface ShowProps extends LineContext {
  readonly show: "open" | "all";
}

function Exemptions({ show, ...context }: ShowProps): ReactElement {
  const { data, error } = useExemptions(show);
  return (
    <Panel title="Exemptions">
      <ListState error={error} count={data?.items.length} nothing="No exemption." />
      <ul className="holds">
        {data?.items.map((one) => (
          <ExemptionLine key={one.id} one={one} {...context} />
        ))}
      </ul>
    </Panel>
  );
}

function Emergencies({ show, ...context }: ShowProps): ReactElement {
  const { data, error } = useQuery(emergenciesQuery);
  const items = data?.items.filter(({ state }) => show === "all" || state !== "over");
  return (
    <Panel title="Emergencies">
      <ListState error={error} count={items?.length} nothing="No emergency." />
      <ul className="holds">
        {items?.map((one) => (
          <EmergencyLine key={one.id} one={one} {...context} />
        ))}
      </ul>
    </Panel>
  );
}

function Debts({ show, ...context }: ShowProps): ReactElement {
  const { data, error } = useDebts(show);
  return (
    <Panel title="What emergencies owe">
      <ListState error={error} count={data?.items.length} nothing="Nothing is owed." />
      <ul className="holds">
        {data?.items.map((one) => (
          <DebtLine key={one.id} one={one} {...context} />
        ))}
      </ul>
    </Panel>
  );
}

interface StateProps {
  readonly error: unknown;
  readonly count: number | undefined;
  readonly nothing: string;
}

/** What a list says before it has lines, or when it has none. */
function ListState({ error, count, nothing }: StateProps): ReactElement | null {
  if (error !== null) return <ErrorNote error={error} />;
  if (count === undefined) return <Loading lines={2} />;
  return count === 0 ? <p className="dim">{nothing}</p> : null;
}
