//! What is too large for a message lies in a box. Its memory is used again: where packets get lost, or cross domains,
//! every message lies in one.
//!
//! It does *not* know what is in it.

use std::cell::RefCell;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::thread::LocalKey;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::arigatoni::pooled::{Pooled, Reuse};

/// What may lie in a parcel; the macro `wrapped` makes it so.
pub trait Wrapped: Debug + Clone + Eq + Hash + 'static {
    /// The boxes for such things that this thread keeps.
    fn spare() -> &'static LocalKey<RefCell<Vec<Box<Contents<Self>>>>>;
}

/// Makes parcels of a type possible, which has a message inside.
macro_rules! wrapped {
    ($name:ty) => {
        // Out of line, so that the same question of a message is not recursive.
        impl $name {
            /// On whose behalf it is sent.
            #[cold]
            pub(super) fn request(&self) -> Option<$crate::discovery::RequestId> {
                self.message.request()
            }

            /// What it confirms.
            #[cold]
            pub(super) fn confirms(&self) -> $crate::discovery::Confirms {
                self.message.confirms()
            }

            /// The time that is left of the message inside, if it has a deadline.
            #[cold]
            pub(super) fn time_left(&mut self) -> Option<&mut $crate::time::Span> {
                use $crate::unit::Protocol as _;
                $crate::arigatoni::message::ArigatoniProtocol::time_left(&mut self.message)
            }
        }

        impl $crate::arigatoni::parcel::Wrapped for $name {
            fn spare() -> &'static std::thread::LocalKey<
                std::cell::RefCell<Vec<Box<$crate::arigatoni::parcel::Contents<Self>>>>,
            > {
                thread_local! {
                    #[allow(clippy::vec_box, reason = "the boxes themselves are used again")]
                    static SPARE: std::cell::RefCell<
                        Vec<Box<$crate::arigatoni::parcel::Contents<$name>>>,
                    > = const { std::cell::RefCell::new(Vec::new()) };
                }
                &SPARE
            }
        }
    };
}
pub(super) use wrapped;

/// A thing in a box, so that messages are small.
#[derive(Debug, Clone)]
pub struct Parcel<T: Wrapped>(Pooled<Contents<T>>);

/// The box of a parcel.
#[derive(Debug, Clone)]
pub struct Contents<T>(Option<T>);

impl<T> Default for Contents<T> {
    fn default() -> Self {
        Self(None)
    }
}

const FULL: &str = "a parcel is empty only while it is dropped";

impl<T: Wrapped> Parcel<T> {
    /// Takes the thing out.
    pub(super) fn open(mut self) -> T {
        self.0.0.take().expect(FULL)
    }
}

impl<T: Wrapped> From<T> for Parcel<T> {
    fn from(thing: T) -> Self {
        let mut contents = Pooled::<Contents<T>>::default();
        contents.0 = Some(thing);
        Self(contents)
    }
}

impl<T: Wrapped> Reuse for Contents<T> {
    fn spare() -> &'static LocalKey<RefCell<Vec<Box<Self>>>> {
        T::spare()
    }

    fn clear(&mut self) -> bool {
        self.0 = None;
        true
    }
}

impl<T: Wrapped> Deref for Parcel<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.0.as_ref().expect(FULL)
    }
}

impl<T: Wrapped> DerefMut for Parcel<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.0.as_mut().expect(FULL)
    }
}

impl<T: Wrapped> PartialEq for Parcel<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Wrapped> Eq for Parcel<T> {}

impl<T: Wrapped> Hash for Parcel<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Wrapped + Serialize> Serialize for Parcel<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: Wrapped + Deserialize<'de>> Deserialize<'de> for Parcel<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::from)
    }
}
