import { useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { QuestionSearch } from "#web/policy/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { TimeText } from "#web/ui/widgets.tsx";
import { stateLook } from "./deployment.ts";
import { currentSignals, signalsQuery, troubleOf, type Signal } from "./holds.ts";
import { SignalMark } from "./signals.tsx";
import { moved, type Direction, type Matrix, type MatrixCell, type MatrixGroup, type MatrixRow } from "./matrix.ts";

const directions: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "home",
  End: "end",
};

interface Place {
  readonly row: number;
  readonly column: number;
}

interface TableProps {
  readonly matrix: Matrix;
  readonly groups: readonly MatrixGroup[];
}

/** One stop for the Tab key; the arrow keys move within. */
export function MatrixTable({ matrix, groups }: TableProps): ReactElement {
  const [place, setPlace] = useState<Place>({ row: 0, column: 1 });
  const table = useRef<HTMLTableElement>(null);
  const rows = groups.flatMap((group) => group.rows);
  const size = { rows: rows.length, columns: matrix.environments.length + 1 };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = directions[event.key];
    if (direction === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = moved(place, direction, size);
    setPlace(next);
    table.current?.querySelector<HTMLElement>(`[data-place="${next.row}-${next.column}"]`)?.focus();
  };
  if (rows.length === 0) return <p className="dim">No service has this in its name.</p>;
  return (
    <div className="panel scroll matrix-scroll">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the links within take the focus */}
      <table className="table matrix" ref={table} onKeyDown={onKeyDown}>
        <caption className="hidden-visually">
          Versions by service and environment. Arrow keys move between cells.
        </caption>
        <Environments environments={matrix.environments} />
        {groups.map((group) => (
          <Group key={group.title ?? ""} group={group} matrix={matrix} place={place} onPlace={setPlace} />
        ))}
      </table>
    </div>
  );
}

function Environments({ environments }: Pick<Matrix, "environments">): ReactElement {
  return (
    <thead>
      <tr>
        <th scope="col">Service</th>
        {environments.map((environment) => (
          <th key={environment.name} scope="col">
            {environment.name}
            <span className="matrix-zone">
              {environment.zone}
              {environment.protected && " · protected"}
            </span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface GroupProps {
  readonly group: MatrixGroup;
  readonly matrix: Matrix;
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
}

function Group({ group, matrix, place, onPlace }: GroupProps): ReactElement {
  return (
    <tbody>
      {group.title !== null && (
        <tr className="matrix-group">
          <th scope="rowgroup" colSpan={matrix.environments.length + 1}>
            {group.title} <span className="dim">{group.rows.length}</span>
          </th>
        </tr>
      )}
      {group.rows.map((row, index) => (
        <Row key={row.service} row={row} matrix={matrix} at={group.first + index} place={place} onPlace={onPlace} />
      ))}
    </tbody>
  );
}

interface RowProps {
  readonly row: MatrixRow;
  readonly matrix: Matrix;
  readonly at: number;
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
}

function Row({ row, matrix, at, place, onPlace }: RowProps): ReactElement {
  const { data } = useQuery(signalsQuery);
  const signals = currentSignals(data?.items ?? []);
  return (
    <tr>
      <th scope="row">
        <Link
          to="/services/$name"
          params={{ name: row.service }}
          className="heading-link"
          data-place={`${at}-0`}
          tabIndex={place.row === at && place.column === 0 ? 0 : -1}
          onFocus={() => onPlace({ row: at, column: 0 })}
        >
          {row.service}
        </Link>
        <span className="matrix-zone">
          {row.team} · tier {row.tier}
        </span>
        {troubleOf(signals, row.service, null).map((signal) => (
          <SignalMark key={signal.id} signal={signal} />
        ))}
      </th>
      {matrix.environments.map((environment, column) => (
        <td key={environment.name}>
          <Cell
            cell={row.cells[column] ?? null}
            service={row.service}
            environment={environment.name}
            asOf={matrix.at}
            signals={troubleOf(signals, row.service, environment.name)}
            place={`${at}-${column + 1}`}
            isStop={place.row === at && place.column === column + 1}
            onFocus={() => onPlace({ row: at, column: column + 1 })}
          />
        </td>
      ))}
    </tr>
  );
}

interface CellProps {
  readonly cell: MatrixCell | null;
  readonly service: string;
  readonly environment: string;
  readonly asOf: string;
  readonly signals: readonly Signal[];
  readonly place: string;
  readonly isStop: boolean;
  readonly onFocus: () => void;
}

/** Leads to the deployment under way, otherwise to the history of the service in the environment. */
function Cell({ cell, service, environment, asOf, signals, place, isStop, onFocus }: CellProps): ReactElement {
  const open = cell?.open ?? null;
  const common = { className: "matrix-cell", "data-place": place, tabIndex: isStop ? 0 : -1, onFocus };
  const content = (
    <>
      <span className="hidden-visually">
        {service} in {environment}:{" "}
      </span>
      <Live cell={cell} asOf={asOf} />
      {open !== null && <OpenMark open={open} />}
      {signals.map((signal) => (
        <SignalMark key={signal.id} signal={signal} />
      ))}
    </>
  );
  return (
    <div className="matrix-place">
      {open === null ? (
        <Link to="/deployments" search={{ service, environment }} {...common}>
          {content}
        </Link>
      ) : (
        <Link to="/deployments/$id" params={{ id: open.id }} {...common}>
          {content}
        </Link>
      )}
      <Link
        to="/why"
        search={whyOf(service, environment, cell)}
        className="matrix-why"
        tabIndex={isStop ? 0 : -1}
        title="What stands in the way of a deployment"
      >
        Why
        <span className="hidden-visually">
          : what stands in the way of {service} in {environment}
        </span>
      </Link>
    </div>
  );
}

/** The version on its way, otherwise the one that runs; the page offers the others. */
function whyOf(service: string, environment: string, cell: MatrixCell | null): QuestionSearch {
  const version = cell?.open?.version ?? cell?.version ?? undefined;
  const subject = { service, environment };
  if (version === undefined) return subject;
  const deployment = cell?.open?.id;
  return deployment === undefined ? { ...subject, version } : { ...subject, version, deployment };
}

function Live({ cell, asOf }: { readonly cell: MatrixCell | null; readonly asOf: string }): ReactElement {
  const now = useNow(30_000);
  if (cell === null || cell.version === null) {
    return (
      <span className="matrix-none">
        <span aria-hidden="true">–</span>
        <span className="hidden-visually">not deployed</span>
      </span>
    );
  }
  // Looking back, an age is one at that instant.
  const then = Temporal.Instant.from(asOf);
  const seen = Temporal.Instant.compare(then, now) < 0 && now.since(then).total("seconds") > 120 ? then : now;
  return (
    <span className="matrix-live">
      <span className="mono">{cell.version}</span>
      {cell.since !== null && (
        <span className="small dim">
          <TimeText at={cell.since} now={seen} form="age" />
        </span>
      )}
    </span>
  );
}

function OpenMark({ open }: { readonly open: NonNullable<MatrixCell["open"]> }): ReactElement {
  const look = stateLook(open.state);
  return (
    <span className={`matrix-open tone-${look.tone}`}>
      <Icon name={look.icon} />
      <span className="mono">{open.version}</span>
      <span>{open.state === "running" ? `${open.percent} %` : look.label.toLowerCase()}</span>
    </span>
  );
}
