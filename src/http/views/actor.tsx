import type { JSX } from 'preact';
import type { ActorDetail } from '../../model/actors.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { effectName } from './effectNames.ts';
import { Empty, ErrorText, Json } from './elements.tsx';
import { HistoryList, stateText } from './history.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';

export function actorPage(actor: ActorDetail): Page {
  return { title: actor.id, section: 'inspect', live: [actor.id], body: <ActorView actor={actor} /> };
}

function ActorView({ actor }: { actor: ActorDetail }): JSX.Element {
  return (
    <>
      <p class="crumbs">
        <a href="/console/inspect/actors">Inspect</a> <span class="quiet">/ {actor.kind}</span>
      </p>
      <div class="page-head">
        <h1>
          <code>{actor.id}</code>
        </h1>
      </div>
      {actor.parked === null ? null : (
        <p class="banner bad">
          Parked: this actor handles no events until a release that can restore it is deployed. Reason: {actor.parked}
        </p>
      )}
      <dl class="facts">
        <dt>State</dt>
        <dd>
          <strong>{stateText(actor.state)}</strong>
        </dd>
        <dt>Changed</dt>
        <dd>
          <TimestampWithAge at={actor.updated_at} />
        </dd>
        <dt>Machine</dt>
        <dd>
          {actor.machine}, version {actor.version}, revision {actor.rev}
        </dd>
        <dt>Accepted events</dt>
        <dd class="tags">
          {actor.next_events.length === 0 ? 'None' : actor.next_events.map((event) => <code key={event}>{event}</code>)}
        </dd>
      </dl>
      <Chart actor={actor} />
      <Timers timers={actor.timers} />
      <Effects effects={actor.effects} />
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        <HistoryList history={actor.history} isTechnical />
      </section>
      <section aria-labelledby="context">
        <h2 id="context">Context</h2>
        <details>
          <summary>Show as JSON</summary>
          <Json value={actor.context} label={`Context of ${actor.id}`} />
        </details>
      </section>
    </>
  );
}

function Chart({ actor }: { actor: ActorDetail }): JSX.Element {
  return (
    <section aria-labelledby="chart">
      <h2 id="chart">Statechart</h2>
      <figure class="chart" aria-label="Statechart with the current state highlighted" tabIndex={0}>
        {/* Safe: the SVG is generated from the machine's definition, without user input. */}
        <div class="chart-paper" dangerouslySetInnerHTML={{ __html: actor.chart_svg }} />
      </figure>
    </section>
  );
}

const TIMERS: Column<ActorDetail['timers'][number]>[] = [
  { title: 'Timer', isRowHeader: true, cell: (timer) => <code>{timer.id}</code> },
  { title: 'Event', cell: (timer) => <code>{timer.event}</code> },
  { title: 'Due', cell: (timer) => <TimestampWithAge at={timer.due_at} /> },
];

function Timers({ timers }: { timers: ActorDetail['timers'] }): JSX.Element {
  return (
    <section aria-labelledby="timers">
      <h2 id="timers">Timers</h2>
      {timers.length === 0 ? (
        <Empty title="No timers are pending." />
      ) : (
        <Table caption="Timers" columns={TIMERS} rows={timers} rowId={(timer) => timer.id} />
      )}
    </section>
  );
}

type Effect = ActorDetail['effects'][number];
const TONES: Record<string, 'good' | 'bad' | 'warn'> = { done: 'good', failed: 'bad', dead: 'bad', running: 'warn' };

const EFFECTS: Column<Effect>[] = [
  { title: 'Effect', isRowHeader: true, cell: (effect) => effectName(effect.src) },
  { title: 'Status', cell: (effect) => <Tag tone={TONES[effect.status] ?? 'calm'}>{effect.status}</Tag> },
  { title: 'Attempts', numeric: true, cell: (effect) => effect.attempts },
  { title: 'Requested', cell: (effect) => <TimestampWithAge at={effect.created_at} /> },
  {
    title: 'Error',
    cell: (effect) => (effect.error == null ? <span class="quiet">none</span> : <ErrorText error={effect.error} />),
  },
];

function Effects({ effects }: { effects: readonly Effect[] }): JSX.Element {
  return (
    <section aria-labelledby="effects">
      <h2 id="effects">Effects</h2>
      {effects.length === 0 ? (
        <Empty title="No effects yet." />
      ) : (
        <Table caption="Effects" columns={EFFECTS} rows={effects} rowId={(effect) => effect.id} />
      )}
    </section>
  );
}
