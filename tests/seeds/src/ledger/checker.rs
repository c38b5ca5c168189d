//! Goes through all states of the [`Model`] that can be reached, breadth first.

use std::collections::{HashMap, HashSet};

use super::model::{Action, Bounds, Model};

/// All that can be reached.
pub struct Reached {
    /// Each state once; the first is the beginning.
    pub states: Vec<Model>,
    /// How each was first reached: from which one, by what.
    came_by: Vec<Option<(usize, Action)>>,
    /// What leads from each to which.
    pub transitions: Vec<Vec<(Action, usize)>>,
}

/// A broken promise, and the shortest way there.
#[derive(Debug)]
pub struct Broken {
    /// What was promised.
    pub promise: &'static str,
    /// What happens.
    pub path: Vec<Action>,
    /// How everything stands then.
    pub state: Model,
}

/// Goes through all of it.
///
/// # Errors
/// The first promise that is broken.
pub fn check(bounds: &Bounds) -> Result<Reached, Box<Broken>> {
    let first = Model::new(bounds);
    let mut known = HashMap::from([(first.clone(), 0)]);
    let mut reached = Reached { states: vec![first], came_by: vec![None], transitions: Vec::new() };
    while let Some(state) = reached.states.get(reached.transitions.len()).cloned() {
        let from = reached.transitions.len();
        let mut transitions = Vec::new();
        for action in state.actions(bounds) {
            let (_, next) = state.after(bounds, action);
            if let Some(promise) = next.broken {
                let mut path = reached.path(from);
                path.push(action);
                return Err(Box::new(Broken { promise, path, state: next }));
            }
            let to = *known.entry(next).or_insert_with_key(|next| {
                reached.states.push(next.clone());
                reached.came_by.push(Some((from, action)));
                reached.states.len() - 1
            });
            transitions.push((action, to));
        }
        reached.transitions.push(transitions);
    }
    Ok(reached)
}

impl Reached {
    /// The shortest way to a state.
    fn path(&self, mut to: usize) -> Vec<Action> {
        let mut path = Vec::new();
        while let Some((from, action)) = self.came_by[to] {
            path.push(action);
            to = from;
        }
        path.reverse();
        path
    }

    /// How many transitions there are.
    pub fn count(&self) -> usize {
        self.transitions.iter().map(Vec::len).sum()
    }

    /// Ways from the beginning that go through each transition at least once.
    pub fn walks(&self) -> impl Iterator<Item = Vec<Action>> {
        let mut done = vec![0; self.states.len()];
        let mut first = 0;
        std::iter::from_fn(move || {
            while done.get(first).is_some_and(|done| *done == self.transitions[first].len()) {
                first += 1;
            }
            let (mut at, mut walk) = (first, self.path(self.states.get(first).map(|_| first)?));
            while let Some((action, to)) = self.transitions[at].get(done[at]) {
                done[at] += 1;
                walk.push(*action);
                at = *to;
            }
            Some(walk)
        })
    }

    /// Of these ways, each on which a station asks something, and is answered so, that is not on one
    /// before: whichever station it is.
    pub fn telling(&self, bounds: &Bounds) -> impl Iterator<Item = Vec<Action>> {
        let mut known = HashSet::new();
        self.walks().filter(move |walk| {
            let mut model = Model::new(bounds);
            let mut is_new = false;
            for action in walk {
                let (answer, next) = model.after(bounds, *action);
                is_new |= known.insert((action.of_any(), answer));
                model = next;
            }
            is_new
        })
    }
}
