//! Which seats are told of which channel or wallet: who is in it, as of the last row that was
//! handed out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use events::UserId;
use uuid::Uuid;

use super::group::{Group, Seat};
use crate::hub::batch::Counts;
use crate::hub::group::GroupKey;

/// The seats of a group whose viewers are in a channel or wallet. It is copied when it changes
/// while events wait that carry it.
pub(crate) type Audience = Vec<Arc<Seat>>;

/// A group's seats in one channel or wallet.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) group: Arc<Group>,
    pub(crate) audience: Arc<Audience>,
}

/// A seat with the group that it is in.
#[derive(Debug, Clone)]
pub(crate) struct Sitting {
    pub(crate) key: GroupKey,
    pub(crate) group: Arc<Group>,
    pub(crate) seat: Arc<Seat>,
}

/// Somebody with at least one seat.
#[derive(Debug, Default)]
struct Present {
    sittings: Vec<Sitting>,
    stays: HashSet<Uuid>,
}

/// Who is there, and in which channels and wallets.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    present: HashMap<UserId, Present>,
    entities: HashMap<Uuid, HashMap<GroupKey, Route>>,
}

impl Routes {
    pub(crate) fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    /// Whether it is known what that one is in.
    pub(crate) fn knows(&self, user: UserId) -> bool {
        self.present.contains_key(&user)
    }

    /// Who is told of a channel or wallet.
    pub(crate) fn of(&self, entity: Uuid) -> impl Iterator<Item = &Route> {
        self.entities.get(&entity).into_iter().flat_map(HashMap::values)
    }

    /// What the pushes of a channel or wallet tell beside rows; `None` if nobody is told of it.
    pub(crate) fn counts(&self, entity: Uuid) -> Option<Counts> {
        let routes = self.entities.get(&entity)?;
        let counts = routes.values().map(|route| route.group.counts);
        Some(counts.fold(Counts::default(), Counts::with))
    }

    /// Somebody takes a seat, who is told of all that he or she is in.
    pub(crate) fn sit_down(&mut self, sitting: &Sitting) {
        let present = self.present.entry(sitting.seat.viewer).or_default();
        present.sittings.push(sitting.clone());
        for entity in &present.stays {
            add(self.entities.entry(*entity).or_default(), sitting);
        }
    }

    /// A seat is given up.
    pub(crate) fn stand_up(&mut self, sitting: &Sitting) {
        let viewer = sitting.seat.viewer;
        let Some(present) = self.present.get_mut(&viewer) else { return };
        present.sittings.retain(|other| other.seat.id != sitting.seat.id);
        for entity in &present.stays {
            remove(&mut self.entities, *entity, sitting);
        }
        if present.sittings.is_empty() {
            self.present.remove(&viewer);
        }
    }

    /// Somebody comes into a channel or wallet, or is known to be in it.
    pub(crate) fn enter(&mut self, entity: Uuid, user: UserId) {
        let Some(present) = self.present.get_mut(&user) else { return };
        if present.stays.insert(entity) {
            let routes = self.entities.entry(entity).or_default();
            present.sittings.iter().for_each(|sitting| add(routes, sitting));
        }
    }

    /// Somebody leaves a channel or wallet.
    pub(crate) fn leave(&mut self, entity: Uuid, user: UserId) {
        let Some(present) = self.present.get_mut(&user) else { return };
        if present.stays.remove(&entity) {
            for sitting in &present.sittings {
                remove(&mut self.entities, entity, sitting);
            }
        }
    }

    /// A channel is gone.
    pub(crate) fn close(&mut self, entity: Uuid) {
        let routes = self.entities.remove(&entity).unwrap_or_default();
        for seat in routes.values().flat_map(|route| route.audience.iter()) {
            if let Some(present) = self.present.get_mut(&seat.viewer) {
                present.stays.remove(&entity);
            }
        }
    }
}

fn add(routes: &mut HashMap<GroupKey, Route>, sitting: &Sitting) {
    let new = || Route { group: sitting.group.clone(), audience: Arc::default() };
    let route = routes.entry(sitting.key.clone()).or_insert_with(new);
    // A group that failed leaves its routes to the one that comes after it.
    if !Arc::ptr_eq(&route.group, &sitting.group) {
        *route = new();
    }
    Arc::make_mut(&mut route.audience).push(sitting.seat.clone());
}

fn remove(entities: &mut HashMap<Uuid, HashMap<GroupKey, Route>>, entity: Uuid, sitting: &Sitting) {
    let Some(routes) = entities.get_mut(&entity) else { return };
    let Some(route) = routes.get_mut(&sitting.key) else { return };
    if route.audience.iter().any(|seat| seat.id == sitting.seat.id) {
        Arc::make_mut(&mut route.audience).retain(|seat| seat.id != sitting.seat.id);
    }
    if route.audience.is_empty() {
        routes.remove(&sitting.key);
    }
    if routes.is_empty() {
        entities.remove(&entity);
    }
}
