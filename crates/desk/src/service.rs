//! The desk's use cases, over the store and the conversation room.

use crate::access::StaffMember;
use crate::customers::{CustomerBrief, Customers};
use crate::masking::{mask_event, mask_slot, mask_value, masked};
use crate::views::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use teller_bank::CoreBank;
use teller_conversation::{ConversationState, Conversations, Status};
use teller_identity::staff::Permission;
use teller_kernel::event::HandoffPacket;
use teller_kernel::id::{HandoffId, ReleaseId};
use teller_kernel::{Actor, Clock, Code, ConversationId, CustomerId, Event, EventBody, Problem, StaffId};
use teller_store::{
    AuditEntry, Conversation, ConversationStatus, Db, Handoff, HandoffState, Release, StoreError, WriteSet,
};

/// Entries of the queue shown at once; the next ones move up.
pub const QUEUE_MAX: u32 = 100;
/// Conversations one member of staff is shown as theirs.
const HELD_MAX: u32 = 50;
/// Conversations of one page of the list for looking back.
pub const CONVERSATIONS_PAGE_MAX: u32 = 100;
/// Releases shown at once.
const RELEASES_MAX: u32 = 100;
/// How far back the last words of a conversation are looked for.
const TAIL_EVENTS: u32 = 120;
/// Former hand-offs of a conversation that are looked at.
const HANDOFFS_LOOKED_AT: u32 = 20;

/// How somebody reads a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Holds it now: reads words as they were said.
    Holder,
    /// May read it, masked.
    Onlooker,
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    store: Db,
    conversations: Conversations,
    customers: Arc<Customers>,
}

impl Desk {
    pub fn new(store: Db, conversations: Conversations, core: Arc<dyn CoreBank>, clock: Arc<dyn Clock>) -> Self {
        Self { store, conversations, customers: Arc::new(Customers::new(core, clock)) }
    }

    /// Masked facts about a customer; `None` while the core does not answer.
    pub async fn customer(&self, customer: Option<&CustomerId>) -> Option<CustomerBrief> {
        self.customers.brief(customer).await
    }

    /// Who waits for a human, most urgent first.
    pub async fn queue(&self) -> Result<Vec<QueueEntry>, Problem> {
        let waiting = self.store.handoff_queue(QUEUE_MAX).await?;
        let mut entries = Vec::with_capacity(waiting.len());
        for handoff in waiting {
            let packet = self.packet(&handoff.id).await?;
            let conversation = self.store.conversation(&handoff.conversation).await?;
            let brief = self.customer(conversation.as_ref().and_then(|it| it.head.customer.as_ref())).await;
            let summary = packet.as_ref().map(|packet| packet.summary.clone()).unwrap_or_default();
            entries.push(QueueEntry {
                handoff: handoff.id,
                conversation: handoff.conversation,
                waiting_since_ms: handoff.since_ms,
                reason: handoff.reason,
                skill: handoff.skill,
                summary,
                elder: packet.as_ref().map_or_else(|| brief.as_ref().is_some_and(|it| it.elder), |it| it.elder),
                feeling: packet.as_ref().and_then(|packet| packet.feeling),
                tier: packet.and_then(|packet| packet.tier),
                customer_masked: brief.map(|brief| brief.name_masked),
            });
        }
        Ok(entries)
    }

    /// The packet with words masked; `None` when there is none or it was erased.
    async fn packet(&self, handoff: &HandoffId) -> Result<Option<HandoffPacket>, Problem> {
        let packet = match self.store.handoff_packet(handoff).await {
            Err(StoreError::Erased { .. }) => None,
            other => other?,
        };
        Ok(packet.map(|mut packet| {
            packet.summary.iter_mut().for_each(|line| line.text = masked(&line.text));
            packet.slots.iter_mut().for_each(|(_, value)| mask_value(value));
            packet
        }))
    }

    /// What this member of staff holds, oldest first.
    pub async fn mine(&self, staff: &StaffId) -> Result<Vec<HeldConversation>, Problem> {
        let held = self.store.handoffs_held_by(staff, HELD_MAX).await?;
        let mut list = Vec::with_capacity(held.len());
        for handoff in held {
            let Some(conversation) = self.store.conversation(&handoff.conversation).await? else { continue };
            let brief = self.customer(conversation.head.customer.as_ref()).await;
            let tail = self.tail(&conversation).await?;
            list.push(HeldConversation {
                since_ms: handoff.accepted_at_ms.unwrap_or(handoff.since_ms),
                conversation: handoff.conversation,
                handoff: handoff.id,
                customer_masked: brief.map(|brief| brief.name_masked),
                last_text: last_text(&tail),
                unread: unread(&tail),
            });
        }
        Ok(list)
    }

    /// The last events; empty when their content was erased.
    async fn tail(&self, conversation: &Conversation) -> Result<Vec<Event>, Problem> {
        let after = conversation.last_seq.saturating_sub(u64::from(TAIL_EVENTS));
        match self.store.events(&conversation.head.id, after, TAIL_EVENTS).await {
            Err(StoreError::Erased { .. }) => Ok(Vec::new()),
            other => Ok(other?),
        }
    }

    /// Takes one out of the queue.
    ///
    /// # Errors
    /// `already_taken` when another was first.
    pub async fn accept(&self, handoff: &HandoffId, staff: &StaffMember) -> Result<ConversationId, Problem> {
        self.conversations.join(handoff, &staff.id, &staff.name).await
    }

    /// May this member of staff read that conversation, and how?
    ///
    /// Those who may explain read all of them. An agent reads what they hold,
    /// what waits in the queue, and what went through their hands before.
    ///
    /// # Errors
    /// `conversation_not_found`, `forbidden`.
    pub async fn reader(&self, staff: &StaffMember, id: &ConversationId) -> Result<Reader, Problem> {
        let conversation = self.store.conversation(id).await?.ok_or(Code::ConversationNotFound)?;
        let head = &conversation.head;
        if head.status == ConversationStatus::Held && head.holder.as_ref() == Some(&staff.id) {
            return Ok(Reader::Holder);
        }
        if staff.may(Permission::Explain) {
            return Ok(Reader::Onlooker);
        }
        if staff.may(Permission::Converse) {
            let handoffs = self.store.handoffs_of(id, HANDOFFS_LOOKED_AT).await?;
            let waits = handoffs.iter().any(|handoff| handoff.state == HandoffState::Waiting);
            if waits || handoffs.iter().any(|handoff| handoff.staff.as_ref() == Some(&staff.id)) {
                return Ok(Reader::Onlooker);
            }
        }
        Err(Code::Forbidden.into())
    }

    /// Everything known besides the transcript. The reading is audited.
    pub async fn context(&self, staff: &StaffMember, id: &ConversationId) -> Result<ConversationContext, Problem> {
        self.reader(staff, id).await?;
        self.note_reading(staff, id, "context").await?;
        let state = self.conversations.state(id).await?;
        let latest = self.store.handoffs_of(id, 1).await?.pop();
        let packet = match &latest {
            Some(handoff) => self.packet(&handoff.id).await?,
            None => None,
        };
        let brief = self.customer(state.customer.as_ref()).await;
        let active = state.active();
        let names = self.names(&state, packet.as_ref());
        let slots = active.into_iter().flat_map(|run| &run.slots);
        Ok(ConversationContext {
            conversation: id.clone(),
            status: state.status.name().to_owned(),
            handoff: latest.map(|handoff: Handoff| handoff.id),
            packet,
            customer: DeskCustomer {
                elder: brief.as_ref().is_some_and(|brief| brief.elder),
                phone: brief.as_ref().and_then(|brief| brief.phone_masked.clone()),
                name: brief.map(|brief| brief.name_masked),
                level: state.level,
            },
            slots: slots.map(|(name, value)| NamedValue { name: name.clone(), value: mask_slot(value) }).collect(),
            flow: active.map(|run| run.flow.clone()),
            names,
            last_seq: state.seq,
            holder: match &state.status {
                Status::Agent { staff, .. } => Some(staff.clone()),
                _ => None,
            },
        })
    }

    /// What the ids of a context are called.
    fn names(&self, state: &ConversationState, packet: Option<&HandoffPacket>) -> BTreeMap<String, String> {
        let run = state.active();
        let bank = self.conversations.ports().packs.active();
        let locale = bank.pack.manifest.staff_locale;
        let flows = run.map(|run| &run.flow).into_iter().chain(packet.and_then(|packet| packet.flow.as_ref()));
        let flows = flows.filter_map(|id| Some((id.clone(), bank.flows.get(id)?.name.get(locale).to_owned())));
        let slots = run.into_iter().flat_map(|run| run.slots.keys());
        let slots = slots.chain(packet.into_iter().flat_map(|packet| packet.slots.iter().map(|(name, _)| name)));
        let slots = slots.filter_map(|slot| Some((slot.clone(), bank.slot_name(slot, locale)?)));
        let tried = packet.into_iter().flat_map(|packet| packet.tried.iter().chain(&packet.failed));
        let tried = tried.filter_map(|thing| Some((thing.clone(), bank.tried_name(thing, locale)?)));
        let intent = packet.and_then(|packet| packet.intent.as_ref());
        let intent = intent.and_then(|id| Some((id.clone(), bank.pack.intents.get(id)?.name.get(locale).to_owned())));
        flows.chain(slots).chain(tried).chain(intent).collect()
    }

    /// Events of every kind, traces included. The reading is audited once, at
    /// the beginning of the conversation.
    pub async fn events(
        &self,
        staff: &StaffMember,
        id: &ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>, Problem> {
        let reader = self.reader(staff, id).await?;
        if after == 0 {
            self.note_reading(staff, id, "events").await?;
        }
        self.events_for(reader, id, after, limit).await
    }

    /// Events for somebody whose right was found out before.
    pub async fn events_for(
        &self,
        reader: Reader,
        id: &ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>, Problem> {
        let mut events = self.conversations.events(id, after, limit).await?;
        events.iter_mut().for_each(|event| mask_event(event, reader == Reader::Holder));
        Ok(events)
    }

    /// Leaves an audit row: who looked at what.
    pub async fn note_reading(&self, staff: &StaffMember, id: &ConversationId, what: &str) -> Result<(), Problem> {
        let actor = Actor::Staff { id: staff.id.clone() };
        let mut set = WriteSet::new();
        set.audit(AuditEntry::new(&actor, "conversation.read", id.as_str()).detail(json!({"what": what})));
        self.store.commit(set).await?;
        Ok(())
    }

    /// Latest conversations, for looking back; `before` is the last id of the
    /// page before.
    pub async fn recent(
        &self,
        before: Option<&ConversationId>,
        limit: u32,
    ) -> Result<Vec<RecentConversation>, Problem> {
        let page = self.store.conversations(before, limit.clamp(1, CONVERSATIONS_PAGE_MAX)).await?;
        let mut list = Vec::with_capacity(page.len());
        for conversation in page {
            let brief = self.customer(conversation.head.customer.as_ref()).await;
            let tail = self.tail(&conversation).await?;
            list.push(RecentConversation {
                opened_at_ms: conversation.head.opened_at_ms,
                status: public_status(conversation.head.status).to_owned(),
                customer_masked: brief.map(|brief| brief.name_masked),
                last_text_masked: last_text(&tail).as_deref().map(masked),
                events: conversation.last_seq,
                conversation: conversation.head.id,
            });
        }
        Ok(list)
    }

    /// The last words of a conversation, as its own customer sees them.
    pub async fn last_words(&self, conversation: &Conversation) -> Result<Option<String>, Problem> {
        Ok(last_text(&self.tail(conversation).await?))
    }

    /// Held operations that wait for a pair of eyes, oldest first. Reading them
    /// is audited: the values are shown whole.
    pub async fn releases(&self, staff: &StaffMember) -> Result<Vec<ReleaseEntry>, Problem> {
        let open = self.store.open_releases(RELEASES_MAX).await?;
        let mut set = WriteSet::new();
        let actor = Actor::Staff { id: staff.id.clone() };
        let mut list = Vec::with_capacity(open.len());
        for release in open {
            set.audit(AuditEntry::new(&actor, "release.read", release.id.as_str()));
            list.push(self.release_entry(release).await?);
        }
        if !set.is_empty() {
            self.store.commit(set).await?;
        }
        Ok(list)
    }

    async fn release_entry(&self, release: Release) -> Result<ReleaseEntry, Problem> {
        let conversation = self.store.conversation(&release.conversation).await?;
        let brief = self.customer(conversation.as_ref().and_then(|it| it.head.customer.as_ref())).await;
        let first_approval = match (&release.first_by, release.first_at_ms) {
            (Some(first), Some(at_ms)) => Some(FirstApproval { by: self.staff_name(first).await?, at_ms }),
            _ => None,
        };
        Ok(ReleaseEntry {
            release: release.id,
            conversation: release.conversation,
            operation: release.operation,
            summary: release.summary,
            requested_at_ms: release.created_at_ms,
            requested_by: brief.map(|brief| brief.name_masked),
            first_approval,
        })
    }

    async fn staff_name(&self, id: &StaffId) -> Result<String, Problem> {
        let staff = self.store.staff(id).await?;
        Ok(staff.map_or_else(|| id.to_string(), |staff| staff.profile.name))
    }

    /// One pair of eyes is for it or against it.
    pub async fn decide_release(
        &self,
        release: &ReleaseId,
        staff: &StaffMember,
        approved: bool,
        reason: &str,
    ) -> Result<teller_conversation::ReleaseProgress, Problem> {
        self.conversations.decide_release(release, &staff.id, approved, reason).await
    }
}

/// The word that pages know a status by.
pub fn public_status(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Active => "machine",
        ConversationStatus::Waiting => "queued",
        ConversationStatus::Held => "agent",
        ConversationStatus::Closed => "closed",
    }
}

fn last_text(tail: &[Event]) -> Option<String> {
    tail.iter().rev().find_map(|event| match &event.body {
        EventBody::MessageReceived { text, .. } | EventBody::AgentReplied { text, .. } => Some(text.clone()),
        _ => None,
    })
}

fn unread(tail: &[Event]) -> u32 {
    let since = tail.iter().rev().take_while(|event| !matches!(event.body, EventBody::AgentReplied { .. }));
    let unread = since.filter(|event| matches!(event.body, EventBody::MessageReceived { .. })).count();
    u32::try_from(unread).unwrap_or(u32::MAX)
}
