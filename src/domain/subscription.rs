//! A subscription: subscriber × list, and the steps it may take.
