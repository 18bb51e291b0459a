"""The names that stand in sets of Live 8.1 to 12.4, where a later version may bring new ones.

A name outside these lists is read past and counted, so that a report can say what it has not seen.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SET_TAGS = _words(
    """
    AccidentalSpellingPreference Annotation ArrangementOverdub AutoColorPickerForPlayerAndGroupTracks
    AutoColorPickerForReturnAndMainTracks AutoColorPickerForReturnAndMasterTracks AutoQuantisation AutomationMode
    ChooserBar ColorSequenceIndex ContentLanes ContentSplitterProperties CrossfadeCurve CuePointsListWrapper
    DetailClipKeyMidis ExpressionLanes GlobalQuantisation Grid GroovePool HighlightedTrackIndex InKey
    IsContentSplitterOpen IsExpressionSplitterOpen IsWaveformVerticalZoomActive LatencyCompensation
    LinkedTrackGroups Locators LomId LomIdView MainTrack MasterTrack MidiFoldIn MidiFoldMode MidiPrelisten
    MultiClipFocusMode MultiClipLoopBarHeight NextPointeeId NoteAlgorithms NoteSpellingPreference Overdub
    OverwriteProtectionNumber PreHearTrack PreferFlatRootNote ResetNonautomatedMidiControllersOnClipStarts
    ReturnTracksListWrapper ScaleInformation SceneNames Scenes ScenesListWrapper SelectedBreakpointValue
    SelectedDocumentViewInMainWindow SendsPre SequencerNavigator SessionScrollPos
    ShouldSceneTempoAndTimeSignatureBeVisible ShowVideoWindow SignalModulations SmpteFormat SnapAutomationToGrid
    SoloInPlace SoloOrPflSavedValue SongMasterValues TimeSelection TrackHeaderWidth Tracks TracksListWrapper
    Transport TuningSystems UseWarperLegacyHiQMode VideoWindowRect ViewData ViewStateArrangerHasDetail
    ViewStateArrangerMixerVolumeSectionHeight ViewStateDetailIsSample ViewStateEnvelopePanel
    ViewStateExtendedClipProperties ViewStateFxSlotCount ViewStateLaunchPanel ViewStateMainWindowClipDetailOpen
    ViewStateMainWindowDeviceDetailOpen ViewStateMainWindowHiddenOtherDocViewTypeClipDetailOpen
    ViewStateMainWindowHiddenOtherDocViewTypeDeviceDetailOpen ViewStateSamplePanel
    ViewStateSecondWindowClipDetailOpen ViewStateSecondWindowDeviceDetailOpen ViewStateSessionHasDetail
    ViewStateSessionMixerHeight ViewStateSessionMixerVolumeSectionHeight ViewStates VisibleTracksListWrapper
    WaveformVerticalZoomFactor
    """
)

TRACK_TAGS = _words(
    """
    ArrangementClipsListWrapper AutomationEnvelopes ClipSlotsListWrapper Color ColorIndex
    ControllerLayoutCustomization ControllerLayoutRemoteable DeviceChain DevicesListWrapper EnvelopeModePreferred
    Freeze GroupedTracksRevealed IsContentSelected IsContentSelectedInDocument IsTuned LinkedTrackGroupId LomId
    LomIdView MasterChain MidiFoldIn MidiPrelisten MidiTargetPrefersFoldOrIsNotUniform MinTrackHeight Name
    NeedArrangerRefreeze PitchbendRange PostProcessFreezeClips PreferredContentViewMode ReWireDeviceMidiTargetId
    ReWireSlaveMidiTargetId SavedPlayingOffset SavedPlayingSlot Slots TakeLanes TakeLanesListWrapper TrackDelay
    TrackGroupId TrackGroupVisible TrackUnfolded VelocityDetail ViewData
    """
)

CHAIN_TAGS = _words(
    """
    AudioInputRouting AudioOutputRouting AutomationLanes ClipEnvelopeChooserViewState DeviceChain EnvelopeChooser
    FreezeSequencer MainSequencer MidiInputRouting MidiOutputRouting Mixer
    """
)

MIXER_TAGS = _words(
    """
    Annotation BreakoutIsExpanded CrossFade CrossFadeState GlobalGrooveAmount IsExpanded IsFolded LastPresetRef
    LastSelectedClipEnvelopeIndex LastSelectedModulationIndex LastSelectedTimeableIndex LockedScripts LomId
    LomIdView ModulationSourceCount MpePitchBendUsesTuning On Pan PanMode ParametersListWrapper Pointee Sends
    SendsListWrapper ShouldShowPresetName SoloSink SourceContext Speaker SplitStereoPanL SplitStereoPanR Tempo
    TempoAutomationViewBottom TempoAutomationViewTop TimeSignature TrackSizeChoice UserName UserTempoAutomation
    ViewData ViewStateSessionTrackWidth ViewStateSesstionTrackWidth Volume
    """
)

SEQUENCER_TAGS = _words(
    """
    Annotation BreakoutIsExpanded ClipSlotList ClipTimeable ComplexProEnvelopeModulationTarget
    ComplexProFormantsModulationTarget FluxModulationTarget GrainSizeModulationTarget IsExpanded IsFolded
    KeepRecordMonitoringLatency LastPresetRef LastSelectedClipEnvelopeIndex LastSelectedModulationIndex
    LastSelectedTimeableIndex LockedScripts LomId LomIdView MidiControllers ModulationSourceCount MonitoringEnum
    MpePitchBendUsesTuning On ParametersListWrapper PitchViewScrollPosition Pointee Recorder Sample
    SampleOffsetModulationScrollPosition SampleOffsetModulationTarget ShouldShowPresetName SourceContext
    TransientEnvelopeModulationTarget TranspositionModulationTarget UserName ViewData VolumeModulationTarget
    """
)

CLIP_TAGS = _words(
    """
    AccidentalSpellingPreference Annotation AutoWarpTolerance AutomationEnvelopesListWrapper BankSelectCoarse
    BankSelectFine Color ColorIndex ComplexProEnvelope ComplexProFormants CurrentEnd CurrentStart Disabled Envelopes
    ExpressionGrid Fade Fades FluctuationTexture FollowAction FollowActionA FollowActionB FollowChanceA
    FollowChanceB FollowTime FreezeEnd FreezeStart GranularityTexture GranularityTones Grid GrooveSettings HiQ
    IsInKey IsSongTempoLeader IsSongTempoMaster IsWarped LaunchMode LaunchQuantisation Legato LomId LomIdView Loop
    MarkerDensity MarkersGenerated ModulationList Name NoteEditorFoldInScroll NoteEditorFoldInZoom
    NoteEditorFoldOutScroll NoteEditorFoldOutZoom NoteEditorFoldScaleScroll NoteEditorFoldScaleZoom
    NoteSpellingPreference Notes Onsets PitchCoarse PitchFine PreferFlatRootNote ProgramChange Ram SampleRef
    SampleVolume SavedWarpMarkersForStretched ScaleInformation ScrollerTimePreserver StartWithSongTempo
    Straightening Sync TakeId TimeSelection TimeSignature TransientEnvelope TransientLoopMode TransientResolution
    VelocityAmount WarpMarkers WarpMode
    """
)

PLUGIN_TAGS = _words(
    """
    AuPluginInfo Vst3PluginInfo VstPluginInfo
    """
)
