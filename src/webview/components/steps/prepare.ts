import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { optionRemarks, PREPARE_TITLES, type PrepareItemView, type Side } from '../../../protocol/index.ts';
import { sentence } from '../../../util/sentence.ts';
import { visible } from '../../../util/visible.ts';
import { PREPARE_STATES, SIDES } from '../../labels.ts';
import { formatNumber, formatTime, t } from '../../language.ts';
import '../action.ts';
import '../ask.ts';
import '../gate.ts';
import { failureNote, icon, marked, notice } from '../marks.ts';
import '../statement.ts';
import { RunView } from '../view.ts';

/** What has to be true before anything begins, checked by us where we can, else somebody's word. */
@customElement('dts-step-prepare')
export class PrepareStep extends RunView {
  protected override render() {
    return html`${this.snapshot.started ? nothing : this.start()}
      <ul class="items">
        ${this.snapshot.prepare.map((item) => this.item(item))}
      </ul>
      ${this.options()}
      <div class="sides">${this.connection('source')} ${this.connection('target')}</div>
      <div class="actions">
        <dts-action
          .label=${t(sentence('Test connections'))}
          icon="plug"
          .run=${() => this.host.intent({ kind: 'testConnections' })}
        ></dts-action>
        <dts-action
          .label=${t(sentence('Configure the source…'))}
          icon="gear"
          .run=${() => this.configure('source')}
        ></dts-action>
        <dts-action
          .label=${t(sentence('Configure the target…'))}
          icon="gear"
          .run=${() => this.configure('target')}
        ></dts-action>
      </div>
      <dts-gate of="prepare" brief .snapshot=${this.snapshot} .host=${this.host}></dts-gate>`;
  }

  /** What the task was told to leave out, and what that leaves to do. */
  private options() {
    const { task } = this.snapshot;
    if (!task) return nothing;
    return html`${optionRemarks(task).map((remark) => notice('warn', t(remark)))}
      <div class="actions">
        <dts-action
          .label=${t(sentence('What to carry over by hand'))}
          icon="checklist"
          .run=${() => this.host.action({ kind: 'openCarryOver' })}
        ></dts-action>
      </div>`;
  }

  private start() {
    return html`<div class="actions call">
      <span
        >${t(
          this.snapshot.finishedAt === null
            ? sentence('This cutover has not been started. Starting only begins the record; nothing is changed.')
            : sentence('This cutover is finished. Starting again begins a new one in the same record.'),
        )}</span
      >
      <dts-action
        primary
        .label=${t(sentence('Start the cutover'))}
        icon="play"
        .run=${() => this.host.intent({ kind: 'start' })}
      ></dts-action>
    </div>`;
  }

  private item(item: PrepareItemView) {
    const asks = this.snapshot.started ? item.asks : undefined;
    return html`<li class="item">
      <div class="item-head"><b>${t(PREPARE_TITLES[item.id])}</b> ${marked(PREPARE_STATES[item.state])}</div>
      <div>${t(item.detail)}</div>
      ${
        item.statement === null
          ? nothing
          : html`<dts-statement .text=${item.statement} .host=${this.host}></dts-statement>`
      }
      ${
        item.attestedAt === null
          ? nothing
          : html`<div class="muted">
              ${t(
                sentence('Confirmed by {name} at {time}.', {
                  name: item.attestedBy ?? '?',
                  time: formatTime(item.attestedAt),
                }),
              )}
            </div>`
      }
      ${asks === 'attestation' ? html`<div class="actions">${this.attestation(item)}</div>` : nothing}
      ${asks === 'server' ? html`<div class="actions">${this.acceptance(item)}</div>` : nothing}
    </li>`;
  }

  private acceptance({ id }: PrepareItemView) {
    const side = id === 'targetConnection' ? 'target' : 'source';
    return html`<dts-action
      .label=${t(sentence('It is the right server…'))}
      icon="verified"
      .run=${() => this.host.intent({ kind: 'acceptServer', side })}
    ></dts-action>`;
  }

  private attestation(item: PrepareItemView) {
    if (item.state === 'attested') {
      return html`<dts-action
        .label=${t(sentence('Withdraw'))}
        icon="discard"
        .run=${() => this.host.intent({ kind: 'withdrawAttestation', item: item.id })}
      ></dts-action>`;
    }
    if (item.state === 'checked') return nothing;
    return html`<dts-ask
      .name=${`attest-${item.id}`}
      .memory=${this.host.memory}
      .label=${t(sentence('Confirm…'))}
      icon="account"
      optional
      .prompt=${t(
        sentence('“{item}”: how do you know? Your name and the time are recorded with it.', {
          item: t(PREPARE_TITLES[item.id]),
        }),
      )}
      .confirm=${t(sentence('Confirm'))}
      .send=${(note: string) => this.host.intent({ kind: 'attest', item: item.id, note })}
    ></dts-ask>`;
  }

  private connection(side: Side) {
    const { connection } = this.snapshot[side];
    return html`<div class="side">
      <h3>${t(SIDES[side])}</h3>
      ${
        connection.state === 'unconfigured'
          ? html`<p>${icon('circle-slash', 'warn')} ${t(sentence('not configured'))}</p>`
          : nothing
      }
      ${connection.state === 'connecting' ? html`<p>${icon('sync', 'busy')} ${t(sentence('connecting…'))}</p>` : nothing}
      ${
        connection.state === 'failed'
          ? html`${failureNote(connection.failure)}
              <p class="muted">${t(sentence('failing since {time}', { time: formatTime(connection.since) }))}</p>`
          : nothing
      }
      ${connection.state === 'connected' ? this.connected(connection) : nothing}
    </div>`;
  }

  private connected({
    server,
    visibility,
  }: Extract<RunView['snapshot']['source']['connection'], { state: 'connected' }>) {
    const offset = server.clockOffset;
    return html`<dl class="facts">
      <dt>${t(sentence('Server'))}</dt>
      <dd>${visible(`${server.product} @${server.endpoint}`)}</dd>
      <dt>${t(sentence('Account'))}</dt>
      <dd>${visible(server.account)}</dd>
      <dt>${t(sentence('Sessions'))}</dt>
      <dd>
        ${
          visibility === null
            ? t(sentence('not known yet whether all can be seen'))
            : t(visibility.level === 'full' ? visibility.how : visibility.missing)
        }
      </dd>
      <dt>${t(sentence('Clock'))}</dt>
      <dd>
        ${
          offset === null
            ? t(sentence('not compared'))
            : t(
                sentence('{seconds} s from ours', {
                  seconds: `${offset < 0 ? '−' : '+'}${formatNumber(Math.abs(offset) / 1000)}`,
                }),
              )
        }
      </dd>
    </dl>`;
  }

  private configure(side: Side) {
    return this.host.action({ kind: 'configureConnection', side });
  }
}
