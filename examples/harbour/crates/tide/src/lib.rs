//! Says how high the water stands at an hour, from the pull of the moon and the sun.

/// One periodic part of a tide.
#[derive(Clone, Copy, Debug)]
pub struct Constituent {
    /// Half the distance between high and low water, in centimetres.
    pub amplitude: f64,
    /// How far it turns in an hour, in degrees.
    pub speed: f64,
    /// Where it stands at hour zero, in degrees.
    pub phase: f64,
}

/// The tide of one place: what is added to the depth on its chart.
#[derive(Clone, Debug)]
pub struct Tide {
    /// The mean height over the chart's zero, in centimetres.
    pub mean: f64,
    /// Its periodic parts.
    pub constituents: Vec<Constituent>,
}

impl Tide {
    /// A place with two high waters a day: the moon's part and the sun's.
    pub fn semidiurnal(mean: f64, moon: f64, sun: f64) -> Self {
        let moon = Constituent {
            amplitude: moon,
            speed: 28.984_104,
            phase: 0.0,
        };
        let sun = Constituent {
            amplitude: sun,
            speed: 30.0,
            phase: 0.0,
        };
        Self {
            mean,
            constituents: vec![moon, sun],
        }
    }

    /// The height at an hour, in whole centimetres over the chart's zero.
    pub fn height(&self, hour: u32) -> i32 {
        let parts = self.constituents.iter().map(|part| {
            part.amplitude
                * (part.speed * f64::from(hour) - part.phase)
                    .to_radians()
                    .cos()
        });
        (self.mean + parts.sum::<f64>()).round() as i32
    }

    /// The lowest height from hour `from` to hour `until`, both included.
    pub fn lowest(&self, from: u32, until: u32) -> i32 {
        (from..=until)
            .map(|hour| self.height(hour))
            .min()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tide() -> Tide {
        Tide::semidiurnal(200.0, 120.0, 40.0)
    }

    #[test]
    fn both_pull_together_at_hour_zero() {
        assert_eq!(tide().height(0), 360);
    }

    #[test]
    fn low_water_follows_six_hours_after_high_water() {
        let lowest = (0..12).min_by_key(|hour| tide().height(*hour));
        assert_eq!(lowest, Some(6));
    }

    #[test]
    fn a_week_later_moon_and_sun_pull_apart() {
        let range = |day: u32| {
            let heights = (day * 24..(day + 1) * 24).map(|hour| tide().height(hour));
            heights.clone().max().unwrap() - heights.min().unwrap()
        };
        assert!(
            range(7) < range(0) * 2 / 3,
            "spring {} and neap {}",
            range(0),
            range(7)
        );
    }

    #[test]
    fn the_lowest_water_of_a_stay_is_at_one_of_its_hours() {
        assert_eq!(tide().lowest(4, 8), tide().height(6));
        assert_eq!(tide().lowest(3, 3), tide().height(3));
    }
}
