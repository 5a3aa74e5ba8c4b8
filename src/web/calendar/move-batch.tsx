import type { ReactElement } from "react";
import { Button, Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { shortId } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import { canBeAccepted, hasOpenItem, kindLook, moveLook, tickedOf, toggled, type Move } from "./moves.ts";
import type { Reflow } from "./planning-queries.ts";
import type { MoveSearch } from "./search.ts";
import { SlotTimes } from "./slot-times.tsx";

/** What a page knows of the deployments that a batch names by id. */
export interface Names {
  readonly subjectOf: (id: string) => string | null;
  /** Zone of the environment; the viewer's when it is not known. */
  readonly zoneOf: (id: string) => string;
}

interface BatchProps {
  readonly batch: Reflow;
  readonly search: MoveSearch;
  readonly names: Names;
  readonly mayDecide: boolean;
  readonly onChange: (part: MoveSearch) => void;
}

/** One import: what it did, each booking concerned with both slots and the reason, and the decision. */
export function MoveBatch(props: BatchProps): ReactElement {
  const { batch, search, names, mayDecide, onChange } = props;
  const now = useNow(30_000);
  const isOpen = hasOpenItem(batch) && mayDecide;
  const ticked = tickedOf(batch, search);
  return (
    <section className="panel" aria-label={`Proposals of ${batch.calendar}`} data-batch={batch.id}>
      <div className="panel-head">
        <h2>{batch.calendar}</h2>
        <span className="small dim">
          proposed <TimeText at={batch.at} now={now} form="both" />
        </span>
      </div>
      <p className="panel-body batch-sentence">{batch.sentence}</p>
      <ul className="moves" aria-label={`Bookings concerned by ${batch.calendar}`}>
        {batch.items.map((item) => (
          <MoveItem
            key={item.position}
            item={item}
            names={names}
            now={now}
            tick={
              isOpen && item.state === "open"
                ? {
                    isTicked: ticked.includes(item.position),
                    toggle: () => onChange(toggled(batch, search, item.position)),
                  }
                : null
            }
          />
        ))}
      </ul>
      {isOpen && <Decision {...props} ticked={ticked} />}
    </section>
  );
}

interface ItemProps {
  readonly item: Move;
  readonly names: Names;
  readonly now: Temporal.Instant;
  readonly tick: { readonly isTicked: boolean; readonly toggle: () => void } | null;
}

function MoveItem({ item, names, now, tick }: ItemProps): ReactElement {
  const subject = names.subjectOf(item.deployment) ?? `Deployment ${shortId(item.deployment)}`;
  const zone = names.zoneOf(item.deployment);
  const [kind, state] = [kindLook(item.kind), moveLook(item.state)];
  return (
    <li className="move">
      <span className="move-tick">
        {tick !== null && (
          <Checkbox
            size="sm"
            checked={tick.isTicked}
            onChange={tick.toggle}
            aria-label={`Decide on ${subject} together with the others`}
          />
        )}
      </span>
      <div className="move-what">
        <Link to="/deployments/$id" params={{ id: item.deployment }}>
          {subject}
        </Link>
        <p className="small dim">{item.sentence}</p>
        <p className="row small">
          <Badge tone={kind.tone} icon={kind.icon} label={kind.label} />
          <Badge tone={state.tone} icon={state.icon} label={state.label} />
          {item.decidedAt !== null && (
            <span className="dim">
              {item.decidedBy === null ? "by a later import" : `by ${item.decidedBy}`}{" "}
              <TimeText at={item.decidedAt} now={now} />
            </span>
          )}
        </p>
      </div>
      <div className="move-slot">
        <span className="small dim">Now</span>
        <SlotTimes span={item.oldSlot} zone={zone} />
      </div>
      <span className="move-arrow" aria-hidden="true">
        <Icon name="arrow" />
      </span>
      <div className="move-slot">
        <span className="small dim">Proposed</span>
        {item.newSlot === null ? <span>No legal slot is known</span> : <SlotTimes span={item.newSlot} zone={zone} />}
      </div>
    </li>
  );
}

function Decision({ batch, ticked, onChange }: BatchProps & { readonly ticked: readonly number[] }): ReactElement {
  const open = batch.items.filter(({ state }) => state === "open");
  const acceptable = batch.items.filter((item) => canBeAccepted(item) && ticked.includes(item.position)).length;
  const of = (count: number): string =>
    open.length === 1 ? "" : count === open.length ? ` all ${count}` : ` ${count} of ${open.length}`;
  return (
    <div className="row panel-body moves-foot">
      <Button size="xs" disabled={acceptable === 0} onClick={() => onChange({ batch: batch.id, ask: "accept" })}>
        Accept{of(acceptable)}…
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={ticked.length === 0}
        onClick={() => onChange({ batch: batch.id, ask: "decline" })}
      >
        Decline{of(ticked.length)}…
      </Button>
      <span className="small dim">Nothing moves before it is accepted; what is declined keeps its slot.</span>
    </div>
  );
}
