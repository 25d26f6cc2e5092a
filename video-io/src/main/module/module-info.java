/** Video files, and pictures in video formats, by way of FFmpeg. */
module dev.sam2j.video {
    requires transitive dev.sam2j.common;
    requires transitive dev.sam2j.predictors;
    requires java.desktop;
    requires org.bytedeco.ffmpeg;
    requires org.bytedeco.javacpp;

    exports dev.sam2j.video;
    exports dev.sam2j.video.ffmpeg to
            dev.sam2j.cli;

    provides dev.sam2j.predictors.image.files.PictureDecoder with
            dev.sam2j.video.still.HeifDecoder,
            dev.sam2j.video.still.Jpeg2000Decoder;
}
